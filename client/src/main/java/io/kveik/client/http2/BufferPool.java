package io.kveik.client.http2;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.UnpooledDirectByteBuf;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Deque;
import org.jspecify.annotations.Nullable;

/**
 * Direct buffers, all of one size, used again and again. Netty's own allocators make and give back
 * memory by the chunk, and memory that is new to the JVM is zeroed first.
 *
 * <p>Buffers beyond those that are kept are made when needed and left to the garbage collector, so
 * what is in use is bounded by whoever bounds what is under way. Thread-safe.
 */
public final class BufferPool {
  private final int bufferBytes;
  private final int kept;

  /** The one that came last is taken first: it is the likeliest to be in a cache. */
  private final Deque<ByteBuffer> free = new ArrayDeque<>();

  /**
   * @param bufferBytes of each
   * @param kept buffers kept for the next use, at most
   */
  public BufferPool(int bufferBytes, int kept) {
    this.bufferBytes = bufferBytes;
    this.kept = kept;
  }

  /** The size of each buffer. */
  public int bufferBytes() {
    return bufferBytes;
  }

  /**
   * An empty buffer, which comes back with its last reference.
   *
   * @param allocator what the buffer names as its own
   */
  public ByteBuf take(ByteBufAllocator allocator) {
    ByteBuffer memory = poll();
    return new Buffer(allocator, memory == null ? ByteBuffer.allocateDirect(bufferBytes) : memory);
  }

  /** How many are kept right now. */
  int keptBuffers() {
    synchronized (free) {
      return free.size();
    }
  }

  private @Nullable ByteBuffer poll() {
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
