package io.kveik.server.tier.nvme;

import java.lang.foreign.Arena;
import java.nio.ByteBuffer;
import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.concurrent.Semaphore;

/**
 * A bounded pool of off-heap buffers, aligned as direct I/O needs them: records pass through one on
 * their way to the disk, since where a block lies in memory is aligned for nothing.
 *
 * <p>Any thread. {@link #take} waits while all are in use; whoever has one takes no second. Made
 * when first needed, given back to the system by {@link #close}.
 */
final class StagingBuffers implements AutoCloseable {
  /** Whole pages; long enough that a disk is busy with it, short enough to stay in a cache. */
  static final int BUFFER_BYTES = 1 << 20;

  private final Arena arena = Arena.ofShared();
  private final Semaphore permits;
  private final ConcurrentLinkedDeque<ByteBuffer> idle = new ConcurrentLinkedDeque<>();

  StagingBuffers(int limit) {
    this.permits = new Semaphore(limit);
  }

  /** A buffer for one operation; close it to give it back. */
  Staging take() {
    permits.acquireUninterruptibly();
    ByteBuffer buffer = idle.poll();
    if (buffer == null) {
      buffer = arena.allocate(BUFFER_BYTES, RecordDescriptor.PAGE_BYTES).asByteBuffer();
    }
    return new Staging(this, buffer.clear());
  }

  /** Once nobody has one. */
  @Override
  public void close() {
    arena.close();
  }

  /** One buffer in use, {@link #BUFFER_BYTES} long. */
  record Staging(StagingBuffers home, ByteBuffer buffer) implements AutoCloseable {
    @Override
    public void close() {
      home.idle.push(buffer);
      home.permits.release();
    }
  }
}
