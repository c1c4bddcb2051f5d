package io.kveik.server.memory;

import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.VarHandle;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * A fixed amount of off-heap memory that is lent out piece by piece as leases.
 *
 * <p>Any thread. One lock guards the allocator; it is held for the O(1) steps of one allocation,
 * one free or one look at the figures, never for a copy. Opening and closing leases on what is
 * already allocated takes no lock.
 *
 * <p>Each allocation takes its length plus a tag of 16 bytes, rounded up to a multiple of 64, and
 * starts at a multiple of 64. One of {@link #LARGE_BYTES} or more takes up to {@value #SLACK_BYTES}
 * more and starts {@value #HEAD_BYTES} bytes behind a multiple of {@value #SECTOR_BYTES}: a tier
 * whose records have a header that long can write it from where it lies, by direct I/O, for which
 * all but a record's first page must begin at a sector. Tags lie inside {@code capacityBytes}, so
 * that is also the most that is ever resident (up to page rounding); on the heap an allocation with
 * one lease costs 64 bytes. Limits: a capacity of 128 bytes to 32 TiB, an allocation of 1 to {@link
 * #maxAllocationBytes()} bytes.
 *
 * <p>One shared arena holds all of it, because closing a shared arena costs a handshake with every
 * thread. Source of the allocator: Masmano et al., "TLSF", ECRTS 2004; see {@link SegregatedFit}.
 */
public final class Slab implements AutoCloseable {

  /** From here on an allocation is worth placing for direct I/O. */
  public static final long LARGE_BYTES = 128 << 10;

  /** What direct I/O asks of addresses; of drives that ask for anything. */
  public static final int SECTOR_BYTES = 512;

  /** What a record has before a large block's bytes, on a disk. */
  public static final int HEAD_BYTES = 256;

  private static final long SLACK_BYTES = SECTOR_BYTES - ExtentDescriptor.GRANULE_BYTES;
  private static final long PAGE_BYTES = 4096;
  private static final VarHandle LONG = JAVA_LONG.varHandle();

  private final long capacityBytes;
  private final Arena arena;
  private final MemorySegment memory;
  private final SegregatedFit extents;
  private final ReentrantLock lock = new ReentrantLock();
  private final LongAdder liveLeases = new LongAdder();

  // Guarded by lock.
  private long requestedBytes;
  private long liveAllocations;
  private boolean closed;
  private boolean released;

  private Slab(Arena arena, MemorySegment memory) {
    this.arena = arena;
    this.memory = memory;
    capacityBytes = memory.byteSize();
    extents = new SegregatedFit(memory);
  }

  /** A slab of anonymous memory; see {@link SlabMemory#anonymous()}. */
  public static Slab anonymous(long capacityBytes) {
    return of(SlabMemory.anonymous(), capacityBytes);
  }

  /**
   * A slab over memory from that source, everything free.
   *
   * @throws IllegalArgumentException if the capacity is outside the limits or the source breaks its
   *     contract
   * @throws OutOfMemoryError if the system refuses the memory
   */
  public static Slab of(SlabMemory source, long capacityBytes) {
    requireWithin(
        "capacityBytes",
        capacityBytes,
        ExtentDescriptor.MIN_CAPACITY_BYTES,
        ExtentDescriptor.MAX_CAPACITY_BYTES);
    Arena arena = Arena.ofShared();
    try {
      MemorySegment memory = source.map(arena, capacityBytes);
      if (!memory.isNative()
          || memory.isReadOnly()
          || memory.byteSize() < capacityBytes
          || memory.address() % ExtentDescriptor.GRANULE_BYTES != 0) {
        throw new IllegalArgumentException(
            "slab memory: "
                + memory
                + " is not capacityBytes="
                + capacityBytes
                + " of writable native memory aligned to 64 bytes");
      }
      return new Slab(arena, memory.asSlice(0, capacityBytes));
    } catch (RuntimeException | Error e) {
      arena.close();
      throw e;
    }
  }

  /** The length of the slab, everything included. */
  public long capacityBytes() {
    return capacityBytes;
  }

  /** The longest allocation that an empty slab has room for. */
  public long maxAllocationBytes() {
    long most = extents.usableBytes() - ExtentDescriptor.TAG_BYTES;
    return most < LARGE_BYTES ? most : Math.max(LARGE_BYTES - 1, most - SLACK_BYTES);
  }

  /** How much of the slab an allocation of that length takes, its tag and rounding included. */
  public long allocatedBytesFor(long bytes) {
    requireWithin("bytes", bytes, 1, maxAllocationBytes());
    return extentBytes(bytes);
  }

  /** The same, of any slab that has room for it. */
  public static long extentBytes(long bytes) {
    return SegregatedFit.extentBytes(withSlack(bytes));
  }

  private static long withSlack(long bytes) {
    return bytes < LARGE_BYTES ? bytes : bytes + SLACK_BYTES;
  }

  /** How far behind the offset an allocation of that length begins. */
  private int lead(long offset, long bytes) {
    return bytes < LARGE_BYTES
        ? 0
        : (int) (HEAD_BYTES - (memory.address() + offset)) & (SECTOR_BYTES - 1);
  }

  /**
   * Lends out bytes that nobody else has.
   *
   * @param bytes 1 to {@link #maxAllocationBytes()}
   * @return the first lease on them, or null if there is no room now or the slab is closed
   * @throws IllegalArgumentException if the length is outside the limits, so that no eviction could
   *     make room
   */
  public @Nullable Lease allocate(long bytes) {
    requireWithin("bytes", bytes, 1, maxAllocationBytes());
    long offset;
    lock.lock();
    try {
      if (closed) {
        return null;
      }
      offset = extents.allocate(withSlack(bytes));
      if (offset == SegregatedFit.NO_ROOM) {
        return null;
      }
      requestedBytes += bytes;
      liveAllocations++;
    } finally {
      lock.unlock();
    }
    return new Lease(new Allocation(this, offset, lead(offset, bytes), bytes));
  }

  /**
   * Makes every page resident by one write to each, which changes no byte: may run beside any use
   * of the slab. Takes time in proportion to the capacity. Without it a page becomes resident at
   * its first use.
   *
   * @throws IllegalStateException if the slab has given its memory back
   */
  public void pretouch() {
    for (long offset = 0; offset <= capacityBytes - Long.BYTES; offset += PAGE_BYTES) {
      long _ = (long) LONG.getAndAdd(memory, offset, 0L);
    }
  }

  /** The figures of this moment. O(1). */
  public SlabStats stats() {
    lock.lock();
    try {
      if (released) {
        return new SlabStats(capacityBytes, 0, 0, 0, 0, 0, 0);
      }
      long freeBytes = extents.freeBytes();
      return new SlabStats(
          capacityBytes,
          extents.usableBytes() - freeBytes,
          requestedBytes,
          freeBytes,
          extents.largestFreeBytes(),
          liveAllocations,
          liveLeases.sum());
    } finally {
      lock.unlock();
    }
  }

  /** How many leases are open; exact when no thread is opening or closing one. Tests end with 0. */
  public long liveLeases() {
    return liveLeases.sum();
  }

  /**
   * Refuses allocations from now on and gives the memory back: at once if no lease is open, else
   * when the last one closes, by the thread that closes it. Open leases stay good and can be
   * retained until then. Later calls do nothing.
   */
  @Override
  public void close() {
    boolean release;
    lock.lock();
    try {
      closed = true;
      release = mayRelease();
    } finally {
      lock.unlock();
    }
    if (release) {
      arena.close();
    }
  }

  void free(Allocation allocation) {
    boolean release;
    lock.lock();
    try {
      extents.free(allocation.offset());
      requestedBytes -= allocation.lengthBytes();
      liveAllocations--;
      release = mayRelease();
    } finally {
      lock.unlock();
    }
    if (release) {
      arena.close();
    }
  }

  MemorySegment slice(long offset, long lengthBytes) {
    return memory.asSlice(offset, lengthBytes);
  }

  void leaseOpened() {
    liveLeases.increment();
  }

  void leaseClosed() {
    liveLeases.decrement();
  }

  /** True once in a slab's life: for the caller that has to close the arena. */
  private boolean mayRelease() {
    if (!closed || released || liveAllocations > 0) {
      return false;
    }
    released = true;
    return true;
  }

  private static void requireWithin(String field, long value, long min, long max) {
    if (value < min || value > max) {
      throw new IllegalArgumentException(field + '=' + value + " is outside " + min + " to " + max);
    }
  }
}
