package io.kveik.client.data.frame;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.channels.GatheringByteChannel;

/**
 * Puts frames on a blocking channel. Header and body are made in one small buffer; a payload goes
 * out of the memory where it lies, with them, in one gathering write.
 *
 * <p>One thread at a time. A frame: {@link #body}, fill the buffer, {@link #send}.
 */
public final class FrameWriter {
  private static final int BUFFER_BYTES = 8 * 1024;

  private final GatheringByteChannel channel;
  private ByteBuffer front = ByteBuffer.allocateDirect(BUFFER_BYTES);

  public FrameWriter(GatheringByteChannel channel) {
    this.channel = channel;
  }

  /**
   * Begins a frame.
   *
   * @param maxBytes room that its body can need
   * @return where the body goes, from the position on
   */
  public ByteBuffer body(int maxBytes) {
    int needed = DataFrameDescriptor.HEADER_BYTES + maxBytes;
    if (front.capacity() < needed) {
      front = ByteBuffer.allocateDirect(needed);
    }
    return front.clear().position(DataFrameDescriptor.HEADER_BYTES);
  }

  /** Sends the frame whose body was just made; without {@link #body} before, call {@link #bare}. */
  public void send(FrameType type, long requestId) throws IOException {
    finish(type, requestId, 0, 0);
    while (front.hasRemaining()) {
      channel.write(front);
    }
  }

  /** Sends a frame that has no body. */
  public void bare(FrameType type, long requestId) throws IOException {
    body(0);
    send(type, requestId);
  }

  /**
   * Sends the frame whose body was just made, with a payload.
   *
   * @param payload good until this returns
   * @param payloadCrc32c of it
   */
  public void send(FrameType type, long requestId, MemorySegment payload, int payloadCrc32c)
      throws IOException {
    ByteBuffer bytes = payload.asByteBuffer();
    finish(type, requestId, bytes.remaining(), payloadCrc32c);
    ByteBuffer[] parts = {front, bytes};
    while (front.hasRemaining()) {
      channel.write(parts);
    }
    while (bytes.hasRemaining()) {
      channel.write(bytes);
    }
  }

  private void finish(FrameType type, long requestId, int payloadBytes, int payloadCrc) {
    int bodyBytes = front.position() - DataFrameDescriptor.HEADER_BYTES;
    int bodyCrc =
        bodyBytes == 0
            ? 0
            : DataFrameDescriptor.crc(front, DataFrameDescriptor.HEADER_BYTES, bodyBytes);
    front.flip();
    DataFrameDescriptor.encode(
        new FrameHeader(type, requestId, bodyBytes, payloadBytes, bodyCrc, payloadCrc), front);
    front.position(0);
  }
}
