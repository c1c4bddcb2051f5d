package io.kveik.bench.trace;

import com.google.gson.Strictness;
import com.google.gson.stream.JsonReader;
import com.google.gson.stream.JsonToken;
import io.kveik.server.block.TurnEnd;
import java.io.BufferedInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.StringReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.zip.GZIPInputStream;
import java.util.zip.ZipException;
import org.jspecify.annotations.Nullable;

/**
 * Reads a trace request by request, from a plain or a gzip file; which of the two it is, the first
 * bytes tell. Holds one line in memory. Not thread-safe.
 */
public final class TraceReader implements RequestStream {
  private static final int GZIP_MAGIC_1 = 0x1f;
  private static final int GZIP_MAGIC_2 = 0x8b;
  private static final String WHOLE_NUMBER = "is not a whole number from 0 to " + Long.MAX_VALUE;

  private final String file;
  private final LineReader lines;
  private long line;

  private TraceReader(String file, LineReader lines) {
    this.file = file;
    this.lines = lines;
  }

  /** Opens a trace. */
  public static TraceReader open(Path path) throws IOException {
    BufferedInputStream raw = new BufferedInputStream(Files.newInputStream(path), 64 << 10);
    try {
      InputStream in = startsAsGzip(raw) ? new GZIPInputStream(raw, 64 << 10) : raw;
      return new TraceReader(path.toString(), new LineReader(in));
    } catch (IOException e) {
      raw.close();
      throw new TraceException(path.toString(), 1, readFailure(e));
    }
  }

  /**
   * The next request, or null after the last. Blank lines are skipped.
   *
   * @throws TraceException when the line is not a request or the file can't be read
   */
  @Override
  public @Nullable TraceRequest next() throws TraceException {
    while (true) {
      line++;
      String text;
      try {
        text = lines.next();
      } catch (IOException e) {
        throw new TraceException(file, line, readFailure(e));
      }
      if (text == null) {
        return null;
      }
      if (!text.isBlank()) {
        return parse(text);
      }
    }
  }

  /** The line of the latest request, from 1. */
  long line() {
    return line;
  }

  @Override
  public void close() throws IOException {
    lines.close();
  }

  private TraceRequest parse(String text) throws TraceException {
    long timestamp = -1;
    long inputTokens = -1;
    TurnEnd end = TurnEnd.UNKNOWN;
    long @Nullable [] ids = null;
    try (JsonReader json = new JsonReader(new StringReader(text))) {
      json.setStrictness(Strictness.STRICT);
      if (json.peek() != JsonToken.BEGIN_OBJECT) {
        throw failure("is not one JSON object");
      }
      json.beginObject();
      while (json.hasNext()) {
        String field = json.nextName();
        switch (field) {
          case "timestamp" -> timestamp = number(json, field);
          case "input_length" -> inputTokens = number(json, field);
          case "stop" -> end = end(json);
          case "hash_ids" -> ids = ids(json);
          default -> json.skipValue();
        }
      }
      json.endObject();
      if (json.peek() != JsonToken.END_DOCUMENT) {
        throw failure("is not one JSON object");
      }
    } catch (TraceException e) {
      throw e;
    } catch (IOException | IllegalStateException e) {
      throw failure("is not one JSON object");
    }
    if (timestamp < 0) {
      throw failure("timestamp is missing");
    }
    if (inputTokens < 0) {
      throw failure("input_length is missing");
    }
    if (ids == null) {
      throw failure("hash_ids is missing");
    }
    return new TraceRequest(timestamp, inputTokens, end, ids);
  }

  /** What is no reason that we know tells nothing. */
  private static TurnEnd end(JsonReader json) throws IOException {
    if (json.peek() != JsonToken.STRING) {
      json.skipValue();
      return TurnEnd.UNKNOWN;
    }
    return switch (json.nextString()) {
      case "tool_use" -> TurnEnd.TOOL_USE;
      case "end_turn" -> TurnEnd.END_TURN;
      case "max_tokens" -> TurnEnd.MAX_TOKENS;
      case "stop_sequence" -> TurnEnd.STOP_SEQUENCE;
      default -> TurnEnd.UNKNOWN;
    };
  }

  private long[] ids(JsonReader json) throws IOException {
    if (json.peek() != JsonToken.BEGIN_ARRAY) {
      throw failure("hash_ids is not an array");
    }
    long[] ids = new long[16];
    int count = 0;
    json.beginArray();
    while (json.hasNext()) {
      if (count == TraceRequest.MAX_IDS) {
        throw failure("hash_ids has more than %,d ids".formatted(TraceRequest.MAX_IDS));
      }
      if (count == ids.length) {
        ids = Arrays.copyOf(ids, Math.min(TraceRequest.MAX_IDS, 2 * count));
      }
      ids[count] = number(json, "hash_ids[" + count + "]");
      count++;
    }
    json.endArray();
    return Arrays.copyOf(ids, count);
  }

  private long number(JsonReader json, String field) throws IOException {
    if (json.peek() != JsonToken.NUMBER) {
      throw failure(field + " " + WHOLE_NUMBER);
    }
    long value;
    try {
      value = Long.parseLong(json.nextString());
    } catch (NumberFormatException e) {
      throw failure(field + " " + WHOLE_NUMBER);
    }
    if (value < 0) {
      throw failure("%s is %d, which is negative".formatted(field, value));
    }
    return value;
  }

  private TraceException failure(String reason) {
    return new TraceException(file, line, reason);
  }

  private static boolean startsAsGzip(BufferedInputStream in) throws IOException {
    in.mark(2);
    boolean gzip = in.read() == GZIP_MAGIC_1 && in.read() == GZIP_MAGIC_2;
    in.reset();
    return gzip;
  }

  private static String readFailure(IOException e) {
    return switch (e) {
      case LineReader.LineTooLongException _ ->
          "is longer than %,d bytes".formatted(LineReader.MAX_LINE_BYTES);
      case EOFException _ -> "the gzip stream ends early; the file is truncated";
      case ZipException _ -> "the gzip stream is damaged: " + e.getMessage();
      default -> "can't be read: " + e;
    };
  }
}
