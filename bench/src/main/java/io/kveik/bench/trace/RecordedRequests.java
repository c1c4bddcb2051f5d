package io.kveik.bench.trace;

import io.kveik.server.block.TurnEnd;
import io.kveik.server.recording.AccessLogReader;
import io.kveik.server.recording.RecordedEvent;
import io.kveik.server.recording.RecordedRequest;
import io.kveik.server.recording.RecordedTurnEnd;
import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Iterator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The requests of a recording, file after file. Not thread-safe. */
final class RecordedRequests implements RequestStream {
  /** Tokens of a block where the recording doesn't know: v1's. */
  private static final int DEFAULT_BLOCK_TOKENS = 128;

  private final Iterator<Path> files;
  private @Nullable AccessLogReader reader;
  private long startMillis = -1;
  private long lastMillis;

  RecordedRequests(List<Path> files) {
    this.files = files.iterator();
  }

  @Override
  public @Nullable TraceEvent next() throws IOException {
    while (reader != null || nextFile()) {
      RecordedEvent event = reader == null ? null : reader.next();
      switch (event) {
        case null -> close();
        case RecordedRequest request -> {
          return requestOf(request);
        }
        case RecordedTurnEnd(TurnEnd end, long[] blocks) -> {
          return new TraceTurnEnd(end, idsOf(blocks));
        }
      }
    }
    return null;
  }

  @Override
  public void close() throws IOException {
    AccessLogReader open = reader;
    reader = null;
    if (open != null) {
      open.close();
    }
  }

  /** Opens the next file that a running server has not deleted meanwhile; false: there is none. */
  private boolean nextFile() throws IOException {
    while (files.hasNext()) {
      Path file = files.next();
      try {
        reader = AccessLogReader.open(file);
        return true;
      } catch (NoSuchFileException e) {
        // The ring went on: its oldest file made room. The next one is tried.
      }
    }
    return false;
  }

  private TraceRequest requestOf(RecordedRequest request) {
    if (startMillis < 0) {
      startMillis = request.wallMillis();
    }
    // The wall clock may have been set back meanwhile; the order is that of arrival all the same.
    lastMillis = Math.max(lastMillis, request.wallMillis() - startMillis);
    long[] ids = idsOf(request.blocks());
    int tokens = request.blockTokens() == 0 ? DEFAULT_BLOCK_TOKENS : request.blockTokens();
    return new TraceRequest(
        lastMillis, (long) tokens * ids.length, tokens, request.blockBytes(), TurnEnd.UNKNOWN, ids);
  }

  /** Ids are not negative. In place. */
  private static long[] idsOf(long[] hashes) {
    for (int i = 0; i < hashes.length; i++) {
      hashes[i] &= Long.MAX_VALUE;
    }
    return hashes;
  }
}
