package io.kveik.bench.trace;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Splits a stream into lines of bounded length, so that a file without line ends can't fill the
 * memory. Not thread-safe.
 */
final class LineReader implements AutoCloseable {
  /** The longest line, bytes: {@link TraceRequest#MAX_IDS} ids of 19 digits fit. */
  static final int MAX_LINE_BYTES = 32 << 20;

  private static final int CHUNK_BYTES = 64 << 10;

  private final InputStream in;
  private final byte[] chunk = new byte[CHUNK_BYTES];
  private int from;
  private int to;
  private byte[] line = new byte[8 << 10];

  /** Reads from {@code in} and closes it with itself. */
  LineReader(InputStream in) {
    this.in = in;
  }

  /**
   * The next line without its end, or null after the last.
   *
   * @throws LineTooLongException at a line of more than {@link #MAX_LINE_BYTES}
   */
  @Nullable String next() throws IOException {
    int length = 0;
    while (true) {
      if (from == to) {
        from = 0;
        to = in.read(chunk);
        if (to <= 0) {
          to = 0;
          return length == 0 ? null : text(length);
        }
      }
      int end = from;
      while (end < to && chunk[end] != '\n') {
        end++;
      }
      int count = end - from;
      if (length + count > MAX_LINE_BYTES) {
        throw new LineTooLongException();
      }
      if (length + count > line.length) {
        line = Arrays.copyOf(line, Math.min(MAX_LINE_BYTES, 2 * (length + count)));
      }
      System.arraycopy(chunk, from, line, length, count);
      length += count;
      from = end;
      if (from < to) {
        from++;
        return text(length);
      }
    }
  }

  @Override
  public void close() throws IOException {
    in.close();
  }

  private String text(int length) {
    return new String(line, 0, length, StandardCharsets.UTF_8);
  }

  /** A line is longer than the limit. */
  static final class LineTooLongException extends IOException {
    private static final long serialVersionUID = 1L;
  }
}
