package io.kveik.server.recording;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.WritableByteChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayDeque;
import java.util.Deque;
import org.jspecify.annotations.Nullable;

/**
 * The files of a directory as a ring: the oldest go before a new one would exceed the limit, those
 * of earlier recordings included. Nothing is synced: after a power failure the youngest part may be
 * missing. Not thread-safe; blocks on I/O.
 */
final class RecordingRing implements AutoCloseable {
  /** Makes a file that is not there yet. */
  @FunctionalInterface
  interface Creator {
    WritableByteChannel create(Path file) throws IOException;

    static Creator system() {
      return file ->
          FileChannel.open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
    }
  }

  private final RecordingOptions options;
  private final long recording;
  private final Creator creator;
  private final Deque<Path> files = new ArrayDeque<>();
  private long sequence;
  private long olderBytes;
  private @Nullable WritableByteChannel channel;
  private int position;

  private RecordingRing(RecordingOptions options, long recording, Creator creator) {
    this.options = options;
    this.recording = recording;
    this.creator = creator;
  }

  /**
   * Opens a directory, made when absent.
   *
   * @throws IOException when it can't be made, listed or written
   */
  static RecordingRing open(RecordingOptions options, long recording, Creator creator)
      throws IOException {
    Files.createDirectories(options.directory());
    RecordingRing ring = new RecordingRing(options, recording, creator);
    for (Path file : RecordingFiles.in(options.directory())) {
      ring.files.add(file);
      ring.olderBytes += Files.size(file);
      ring.sequence = Math.max(ring.sequence, RecordingFiles.sequence(file) + 1);
    }
    return ring;
  }

  /** True when the current file, if there is one, has no room for another frame for sure. */
  boolean full() {
    return channel == null || position + options.frameBytes() > options.fileBytes();
  }

  /** Ends the current file and begins the next, older ones making room. */
  void next(long wallMillis) throws IOException {
    close();
    while (!files.isEmpty() && olderBytes + options.fileBytes() > options.bytes()) {
      dropOldest();
    }
    Path file = options.directory().resolve(RecordingFiles.name(sequence));
    AccessLogHeader header =
        new AccessLogHeader(recording, sequence, wallMillis, options.sampleOneIn());
    sequence++;
    channel = creator.create(file);
    boolean begun = false;
    try {
      append(AccessLogDescriptor.encode(header));
      files.add(file);
      begun = true;
    } finally {
      if (!begun) {
        Files.deleteIfExists(file);
        recount();
      }
    }
  }

  /** Appends to the current file. A failure ends it: what it has is good up to the last frame. */
  void append(ByteBuffer bytes) throws IOException {
    WritableByteChannel open = channel;
    if (open == null) {
      throw new IllegalStateException("no file is open");
    }
    int before = bytes.remaining();
    boolean whole = false;
    try {
      while (bytes.hasRemaining()) {
        open.write(bytes);
      }
      whole = true;
    } finally {
      position += before - bytes.remaining();
      if (!whole) {
        close();
      }
    }
  }

  /** Bytes of all files. */
  long bytes() {
    return olderBytes + position;
  }

  /** Ends the current file, if there is one. */
  @Override
  public void close() throws IOException {
    WritableByteChannel open = channel;
    channel = null;
    olderBytes += position;
    position = 0;
    if (open != null) {
      open.close();
    }
  }

  private void dropOldest() throws IOException {
    Path oldest = files.removeFirst();
    try {
      long size = Files.size(oldest);
      Files.delete(oldest);
      olderBytes -= size;
    } catch (NoSuchFileException e) {
      recount();
    }
  }

  /** Somebody else has deleted files. */
  private void recount() throws IOException {
    files.removeIf(Files::notExists);
    olderBytes = 0;
    for (Path file : files) {
      olderBytes += Files.size(file);
    }
  }
}
