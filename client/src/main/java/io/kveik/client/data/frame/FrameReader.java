package io.kveik.client.data.frame;

import java.io.EOFException;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.channels.ReadableByteChannel;
import java.util.zip.CRC32C;

/**
 * Takes frames from a blocking channel: headers and bodies through a small buffer, payloads
 * straight into the receiver's memory.
 *
 * <p>One thread. Nothing longer than the buffer is allocated before its length has been checked: by
 * the header's checksum here, against what may be that long by the caller.
 */
public final class FrameReader {
  private static final int BUFFER_BYTES = 16 * 1024;
  private static final int CHECKSUM_PIECE_BYTES = 256 * 1024;

  private final ReadableByteChannel channel;

  /** What was read ahead lies between position and limit. */
  private final ByteBuffer buffer = ByteBuffer.allocateDirect(BUFFER_BYTES).limit(0);

  public FrameReader(ReadableByteChannel channel) {
    this.channel = channel;
  }

  /**
   * Waits until a frame begins.
   *
   * @return false when the peer has ended the connection between two frames
   */
  public boolean awaitFrame() throws IOException {
    if (buffer.hasRemaining()) {
      return true;
    }
    buffer.clear();
    int read = channel.read(buffer);
    buffer.flip();
    return read > 0;
  }

  /**
   * The next frame's header.
   *
   * @throws FrameException when what comes is none
   * @throws EOFException when the connection ends first
   */
  public FrameHeader readHeader() throws IOException {
    if (buffer.remaining() < DataFrameDescriptor.HEADER_BYTES) {
      buffer.compact();
      while (buffer.position() < DataFrameDescriptor.HEADER_BYTES) {
        readSome(buffer);
      }
      buffer.flip();
    }
    return DataFrameDescriptor.decode(buffer);
  }

  /**
   * The body that follows a header.
   *
   * @param maxBytes what such a body can need
   * @throws FrameException when it is longer or damaged
   */
  public byte[] readBody(FrameHeader header, int maxBytes) throws IOException {
    byte[] body = new byte[checkBody(header, maxBytes)];
    readInto(ByteBuffer.wrap(body));
    int crc = body.length == 0 ? 0 : DataFrameDescriptor.crc(ByteBuffer.wrap(body), 0, body.length);
    if (crc != header.bodyCrc32c()) {
      throw new FrameException(
          ErrorCode.PROTOCOL, header.type() + ": the body's checksum does not match");
    }
    return body;
  }

  /**
   * The body's length.
   *
   * @throws FrameException when it is more than such a body can need
   */
  public static int checkBody(FrameHeader header, int maxBytes) throws FrameException {
    if (header.bodyBytes() > maxBytes) {
      throw new FrameException(
          ErrorCode.TOO_LARGE,
          "%s: body of %d bytes, limit %d".formatted(header.type(), header.bodyBytes(), maxBytes));
    }
    return header.bodyBytes();
  }

  /** Fills the target with payload bytes. They are not checked here. */
  public void readPayload(MemorySegment target) throws IOException {
    readInto(target.asByteBuffer());
  }

  /**
   * The same, with the checksum taken piece by piece: what has just been received is still in the
   * core's own cache, and meanwhile the socket fills again.
   *
   * @return CRC32C of the payload
   */
  public int readAndChecksum(MemorySegment target) throws IOException {
    ByteBuffer bytes = target.asByteBuffer();
    CRC32C crc = new CRC32C();
    while (bytes.hasRemaining()) {
      int start = bytes.position();
      int length = Math.min(bytes.remaining(), CHECKSUM_PIECE_BYTES);
      readInto(bytes.slice(start, length));
      crc.update(bytes.slice(start, length));
      bytes.position(start + length);
    }
    return (int) crc.getValue();
  }

  /** Throws payload bytes away. */
  public void skip(long bytes) throws IOException {
    long left = bytes;
    while (left > 0) {
      if (!buffer.hasRemaining()) {
        buffer.clear();
        try {
          readSome(buffer);
        } finally {
          buffer.flip();
        }
      }
      int step = (int) Math.min(left, buffer.remaining());
      buffer.position(buffer.position() + step);
      left -= step;
    }
  }

  private void readInto(ByteBuffer target) throws IOException {
    int ahead = Math.min(buffer.remaining(), target.remaining());
    target.put(buffer.slice(buffer.position(), ahead));
    buffer.position(buffer.position() + ahead);
    while (target.hasRemaining()) {
      readSome(target);
    }
  }

  private void readSome(ByteBuffer target) throws IOException {
    if (channel.read(target) < 0) {
      throw new EOFException("the connection ended within a frame");
    }
  }
}
