package io.kveik.server.memory;

import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import org.jspecify.annotations.Nullable;

/**
 * A counted right to the bytes of one allocation: while it is open the bytes stay where they are,
 * and when the last lease on them closes they go back to the slab.
 *
 * <p>Any thread may call any method, and none takes a lock but the close of the last lease. Whoever
 * opened a lease closes it, once; more closes do nothing. All methods are O(1). 24 bytes of heap,
 * or 16 with compact object headers.
 *
 * <p>A segment got from {@link #segment()} is good only while the lease that gave it is open.
 * Nothing can stop a segment that is kept for longer: until the slab is gone it reads, or
 * overwrites, whatever is stored there next.
 */
public final class Lease implements AutoCloseable {

  private static final VarHandle CLOSED;

  static {
    try {
      CLOSED = MethodHandles.lookup().findVarHandle(Lease.class, "closed", boolean.class);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  private final Allocation allocation;
  private volatile boolean closed;

  /** Takes over one count of the allocation. */
  Lease(Allocation allocation) {
    this.allocation = allocation;
    allocation.slab().leaseOpened();
  }

  /** The length that was asked for, open or closed. */
  public long lengthBytes() {
    return allocation.lengthBytes();
  }

  /**
   * The bytes: a native segment of exactly the length that was asked for, aligned to 64 bytes,
   * usable from any thread. A new allocation's bytes are not zeroed and may show what was stored
   * there before, so write all of them before anyone else reads any. The segment is a small object
   * made anew by each call.
   *
   * @throws IllegalStateException if this lease is closed
   */
  public MemorySegment segment() {
    if (closed) {
      throw new IllegalStateException("segment of a closed lease");
    }
    return allocation.segment();
  }

  /**
   * Another lease on the same bytes, closed on its own.
   *
   * @throws IllegalStateException if this lease is closed
   */
  public Lease retain() {
    if (closed || !allocation.tryRetain()) {
      throw new IllegalStateException("retain of a closed lease");
    }
    return new Lease(allocation);
  }

  /**
   * Another lease on the same bytes, or null if they have gone back to the slab. For readers that
   * find this lease in an index while an evictor may be closing it: whether it is closed doesn't
   * matter, only whether any lease on the bytes is still open.
   */
  public @Nullable Lease tryRetain() {
    return allocation.tryRetain() ? new Lease(allocation) : null;
  }

  /**
   * Gives up this right; the bytes go back to the slab if no other lease is open. Later calls do
   * nothing.
   */
  @Override
  public void close() {
    if (CLOSED.compareAndSet(this, false, true)) {
      allocation.slab().leaseClosed();
      allocation.release();
    }
  }
}
