package io.kveik.client.http2;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.UnpooledDirectByteBuf;
import io.netty.channel.DefaultMaxMessagesRecvByteBufAllocator;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Deque;
import org.jspecify.annotations.Nullable;

/**
 * Buffers that sockets are read into, all of one size, used again and again. Netty's own allocators
 * make and give back memory by the chunk, and memory that is new to the JVM is zeroed first: while
 * payloads of megabytes came in, that took a third of the event loop's time.
 *
 * <p>Buffers beyond those that are kept are made when needed and left to the garbage collector, so
 * what is in use is bounded by whoever bounds what is received. Thread-safe.
 */
public final class ReceiveBuffers extends DefaultMaxMessagesRecvByteBufAllocator {
  private final int bufferBytes;
  private final int kept;

  /** The one that came last is taken first: it is the likeliest to be in a cache. */
  private final Deque<ByteBuffer> free = new ArrayDeque<>();

  /**
   * @param bufferBytes what one read of a socket takes at most
   * @param kept buffers kept for the next read, at most
   */
  public ReceiveBuffers(int bufferBytes, int kept) {
    this.bufferBytes = bufferBytes;
    this.kept = kept;
  }

  @Override
  @SuppressWarnings("deprecation") // Netty's word for it, and what it asks of every subclass.
  public Handle newHandle() {
    return new MaxMessageHandle() {
      @Override
      public int guess() {
        return bufferBytes;
      }

      @Override
      public ByteBuf allocate(ByteBufAllocator allocator) {
        ByteBuffer memory = take();
        return new Buffer(
            allocator, memory == null ? ByteBuffer.allocateDirect(bufferBytes) : memory);
      }
    };
  }

  /** How many are kept right now. */
  int keptBuffers() {
    synchronized (free) {
      return free.size();
    }
  }

  private @Nullable ByteBuffer take() {
    synchronized (free) {
      return free.pollFirst();
    }
  }

  private void give(ByteBuffer memory) {
    synchronized (free) {
      if (free.size() < kept) {
        free.addFirst(memory);
      }
    }
  }

  private final class Buffer extends UnpooledDirectByteBuf {
    private final ByteBuffer memory;

    Buffer(ByteBufAllocator allocator, ByteBuffer memory) {
      super(allocator, memory, memory.capacity());
      this.memory = memory;
      clear();
    }

    @Override
    protected void deallocate() {
      super.deallocate();
      give(memory);
    }
  }
}
