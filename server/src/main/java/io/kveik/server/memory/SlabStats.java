package io.kveik.server.memory;

/**
 * What a slab holds at one moment; all fields but {@code liveLeases} are taken under one lock and
 * agree with each other.
 *
 * <p>{@code allocatedBytes + freeBytes} is {@code capacityBytes} less 64 bytes of the slab's own
 * and what exceeds a multiple of 64. Once a closed slab has given its memory back, all but {@code
 * capacityBytes} are 0.
 *
 * @param capacityBytes the length of the slab, everything included
 * @param allocatedBytes the bytes of all allocations, with their tags and rounded up to granules of
 *     64 bytes
 * @param requestedBytes the bytes that the callers of those allocations asked for
 * @param freeBytes the bytes of all free extents, with their tags
 * @param largestFreeBytes a length that an allocation was certain to find room for; the longest
 *     free extent may be longer by less than 1/16, if more than 16 share its size class
 * @param liveAllocations how many allocations have at least one open lease
 * @param liveLeases how many leases are open; exact when no thread is opening or closing one
 */
public record SlabStats(
    long capacityBytes,
    long allocatedBytes,
    long requestedBytes,
    long freeBytes,
    long largestFreeBytes,
    long liveAllocations,
    long liveLeases) {

  /**
   * The share of the allocated bytes that no caller asked for (tags and rounding): {@code
   * (allocatedBytes - requestedBytes) / allocatedBytes}, 0 if nothing is allocated.
   */
  public double overheadRatio() {
    return allocatedBytes == 0
        ? 0
        : (double) (allocatedBytes - requestedBytes) / (double) allocatedBytes;
  }

  /**
   * The share of the free bytes outside the largest free extent (external fragmentation): {@code 1
   * - (largestFreeBytes + 16) / freeBytes}, where 16 is that extent's tag; 0 if all free bytes are
   * in one extent or nothing is free.
   */
  public double fragmentationRatio() {
    return freeBytes == 0
        ? 0
        : 1 - (double) (largestFreeBytes + ExtentDescriptor.TAG_BYTES) / (double) freeBytes;
  }
}
