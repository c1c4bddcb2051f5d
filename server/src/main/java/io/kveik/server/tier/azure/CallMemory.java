package io.kveik.server.tier.azure;

import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.util.concurrent.CancellationException;
import org.jspecify.annotations.Nullable;

/**
 * A call's right to its caller's memory, which ends with the call. The network's threads may still
 * be at work when a call has been given up, and the memory another block's by then: they reach it
 * only through here, a piece at a time, and {@link #close} waits for the piece that is being
 * copied. This is why a payload is copied once on its way (off-heap, into the network's pooled
 * buffers) and not lent to the socket.
 *
 * <p>Any thread.
 */
final class CallMemory implements AutoCloseable {
  /** Large enough to make the lock cheap, small enough to be waited for. */
  static final int PIECE_BYTES = 64 * 1024;

  private final long byteSize;
  private @Nullable MemorySegment memory;

  CallMemory(MemorySegment memory) {
    this.memory = memory;
    this.byteSize = memory.byteSize();
  }

  long byteSize() {
    return byteSize;
  }

  /**
   * Copies into all of the target's room.
   *
   * @throws CancellationException when the call is over
   */
  synchronized void read(long offset, ByteBuffer target) {
    int length = target.remaining();
    MemorySegment.ofBuffer(target).copyFrom(live().asSlice(offset, length));
    target.position(target.limit());
  }

  /**
   * Copies all that remains of the source.
   *
   * @throws CancellationException when the call is over
   * @throws IndexOutOfBoundsException when it does not fit
   */
  synchronized void write(long offset, ByteBuffer source) {
    int length = source.remaining();
    live().asSlice(offset, length).copyFrom(MemorySegment.ofBuffer(source));
    source.position(source.limit());
  }

  /** After the return nothing touches the memory. */
  @Override
  public synchronized void close() {
    memory = null;
  }

  private MemorySegment live() {
    if (memory == null) {
      throw new CancellationException("the call is over");
    }
    return memory;
  }
}
