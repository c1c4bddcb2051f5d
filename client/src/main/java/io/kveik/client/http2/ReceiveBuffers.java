package io.kveik.client.http2;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.DefaultMaxMessagesRecvByteBufAllocator;

/**
 * Has sockets read into the buffers of a {@link BufferPool}: with Netty's own allocators, zeroing
 * new memory took a third of the event loop's time while payloads of megabytes came in.
 * Thread-safe.
 */
public final class ReceiveBuffers extends DefaultMaxMessagesRecvByteBufAllocator {
  /** While each fills its buffer; then it is another connection's turn. */
  private static final int READS_IN_A_ROW = 8;

  private final BufferPool pool;

  /**
   * @param bufferBytes what one read of a socket takes at most
   * @param kept buffers kept for the next read, at most
   */
  public ReceiveBuffers(int bufferBytes, int kept) {
    super(READS_IN_A_ROW);
    this.pool = new BufferPool(bufferBytes, kept);
  }

  @Override
  @SuppressWarnings("deprecation") // Netty's word for it, and what it asks of every subclass.
  public Handle newHandle() {
    return new MaxMessageHandle() {
      @Override
      public int guess() {
        return pool.bufferBytes();
      }

      @Override
      public ByteBuf allocate(ByteBufAllocator allocator) {
        return pool.take(allocator);
      }
    };
  }
}
