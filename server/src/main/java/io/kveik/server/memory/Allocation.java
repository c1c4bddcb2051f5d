package io.kveik.server.memory;

import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/**
 * One allocation of a slab and the count of its open leases; the last release gives the bytes back.
 *
 * <p>Any thread. Lock-free but for the last release, which takes the slab's lock. Zero is final: an
 * allocation is never revived, so a count above zero proves that the bytes still belong to it. 40
 * bytes of heap.
 */
final class Allocation {

  private static final VarHandle LEASES;

  static {
    try {
      LEASES = MethodHandles.lookup().findVarHandle(Allocation.class, "leases", int.class);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  private final Slab slab;
  private final long offset;
  private final int leadBytes;
  private final long lengthBytes;
  private volatile int leases = 1;

  /**
   * An allocation with one lease.
   *
   * @param offset by which the allocator knows it
   * @param leadBytes from there to its first byte
   */
  Allocation(Slab slab, long offset, int leadBytes, long lengthBytes) {
    this.slab = slab;
    this.offset = offset;
    this.leadBytes = leadBytes;
    this.lengthBytes = lengthBytes;
  }

  Slab slab() {
    return slab;
  }

  long offset() {
    return offset;
  }

  long lengthBytes() {
    return lengthBytes;
  }

  MemorySegment segment() {
    return slab.slice(offset + leadBytes, lengthBytes);
  }

  /** Adds one lease, unless there are none. */
  boolean tryRetain() {
    int current = leases;
    while (current > 0) {
      if (current == Integer.MAX_VALUE) {
        throw new IllegalStateException("leases of one allocation: limit " + Integer.MAX_VALUE);
      }
      int witness = (int) LEASES.compareAndExchange(this, current, current + 1);
      if (witness == current) {
        return true;
      }
      current = witness;
    }
    return false;
  }

  void release() {
    int before = (int) LEASES.getAndAdd(this, -1);
    if (before == 1) {
      slab.free(this);
    } else if (before < 1) {
      throw new IllegalStateException("allocation at offset " + offset + " released twice");
    }
  }
}
