package io.kveik.server.tier.s3;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** Off-heap bytes to and from the streams that the SDK speaks, through a small buffer. */
final class SegmentStreams {
  static final int BUFFER_BYTES = 64 * 1024;

  private SegmentStreams() {}

  /**
   * A stream of the segment's bytes; aliases it, so it must not be read once the segment's lease is
   * closed. One thread at a time.
   */
  static InputStream reading(MemorySegment segment) {
    return new SegmentInputStream(segment);
  }

  /**
   * Fills the whole segment from the stream.
   *
   * @throws EOFException when the stream ends before
   */
  static void fill(MemorySegment segment, InputStream from) throws IOException {
    long length = segment.byteSize();
    byte[] buffer = new byte[(int) Math.min(BUFFER_BYTES, length)];
    long at = 0;
    while (at < length) {
      int read = from.read(buffer, 0, (int) Math.min(buffer.length, length - at));
      if (read < 0) {
        throw new EOFException("body of " + length + " bytes ended after " + at);
      }
      MemorySegment.copy(buffer, 0, segment, ValueLayout.JAVA_BYTE, at, read);
      at += read;
    }
  }

  private static final class SegmentInputStream extends InputStream {
    private final MemorySegment segment;
    private long position;
    private long mark;

    SegmentInputStream(MemorySegment segment) {
      this.segment = segment;
    }

    @Override
    public int read() {
      return position < segment.byteSize()
          ? Byte.toUnsignedInt(segment.get(ValueLayout.JAVA_BYTE, position++))
          : -1;
    }

    @Override
    public int read(byte[] target, int offset, int length) {
      long left = segment.byteSize() - position;
      if (left == 0) {
        return length == 0 ? 0 : -1;
      }
      int count = (int) Math.min(length, left);
      MemorySegment.copy(segment, ValueLayout.JAVA_BYTE, position, target, offset, count);
      position += count;
      return count;
    }

    @Override
    public long skip(long count) {
      long skipped = Math.clamp(count, 0, segment.byteSize() - position);
      position += skipped;
      return skipped;
    }

    @Override
    public int available() {
      return (int) Math.min(Integer.MAX_VALUE, segment.byteSize() - position);
    }

    @Override
    public boolean markSupported() {
      return true;
    }

    @Override
    public synchronized void mark(int readLimit) {
      mark = position;
    }

    @Override
    public synchronized void reset() {
      position = mark;
    }
  }
}
