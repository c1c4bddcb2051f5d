package io.kveik.server.memory;

import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.MemorySegment;

/**
 * The layout of extents inside a slab: which bytes are tag, link and payload, and how a tag is told
 * from other bytes.
 *
 * <pre>
 *  slab   +--------+------------------+------------------+- - -+------------------+---------+
 *         | unused | extent           | extent           |     | extent           | end tag |
 *         +--------+------------------+------------------+- - -+------------------+---------+
 *         0        48                 48 + 64 i                                   48 + 64 n
 *
 *  extent   0         3         8         11        16                   24
 *           +---------+---------+---------+---------+--------------------+-----------------+- - -
 *   used    | granules| USED    | previous| GUARD   | payload, 64-byte aligned in the slab
 *   free    | granules| FREE    | previous| GUARD   | next in class      | previous in class |
 *   end     | 0       | END     | previous| GUARD   |
 *           +---------+---------+---------+---------+--------------------+-----------------+- - -
 * </pre>
 *
 * <p>A tag is two native-order longs: the low 40 bits of the first are the extent's length and of
 * the second the length of the extent physically before it (0 for the first), both in granules of
 * 64 bytes with the tag included; the high 24 bits tell the state and guard against stray writes.
 * Links are slab offsets of extents, 0 for none. An extent starts 16 bytes before a multiple of 64,
 * so a tag costs 16 bytes and leaves payloads aligned to 64. Version 1; never leaves the process.
 */
final class ExtentDescriptor {

  static final long GRANULE_BYTES = 64;
  static final long TAG_BYTES = 16;
  static final long FIRST_OFFSET = GRANULE_BYTES - TAG_BYTES;
  static final long MIN_CAPACITY_BYTES = 2 * GRANULE_BYTES;
  static final long MAX_CAPACITY_BYTES = 1L << 45;
  static final long NO_EXTENT = 0;

  static final int USED = 0x5A1B05;
  static final int FREE = 0x5A1BF0;
  static final int END = 0x5A1BED;
  private static final int GUARD = 0xC0DE5A;

  private static final int STATE_SHIFT = 40;
  private static final long GRANULES_MASK = (1L << STATE_SHIFT) - 1;
  private static final long PREVIOUS_OFFSET = 8;
  private static final long NEXT_LINK_OFFSET = TAG_BYTES;
  private static final long PREVIOUS_LINK_OFFSET = TAG_BYTES + 8;

  private ExtentDescriptor() {}

  /** How many granules the extents of a slab of that capacity share. */
  static long usableGranules(long capacityBytes) {
    return capacityBytes / GRANULE_BYTES - 1;
  }

  /** How many granules an extent needs to hold that much payload and its tag. */
  static long granulesFor(long payloadBytes) {
    return (payloadBytes + TAG_BYTES + GRANULE_BYTES - 1) / GRANULE_BYTES;
  }

  static int state(MemorySegment slab, long extent) {
    return (int) (slab.get(JAVA_LONG, extent) >>> STATE_SHIFT);
  }

  static long granules(MemorySegment slab, long extent) {
    return slab.get(JAVA_LONG, extent) & GRANULES_MASK;
  }

  static long previousGranules(MemorySegment slab, long extent) {
    return slab.get(JAVA_LONG, extent + PREVIOUS_OFFSET) & GRANULES_MASK;
  }

  static boolean isGuarded(MemorySegment slab, long extent) {
    return slab.get(JAVA_LONG, extent + PREVIOUS_OFFSET) >>> STATE_SHIFT == GUARD;
  }

  static void setStateAndGranules(MemorySegment slab, long extent, int state, long granules) {
    slab.set(JAVA_LONG, extent, (long) state << STATE_SHIFT | granules);
  }

  static void setPreviousGranules(MemorySegment slab, long extent, long granules) {
    slab.set(JAVA_LONG, extent + PREVIOUS_OFFSET, (long) GUARD << STATE_SHIFT | granules);
  }

  /**
   * Makes the bytes of a tag that coalescing swallowed unrecognisable, so that a second free of it
   * is refused.
   */
  static void eraseTag(MemorySegment slab, long extent) {
    slab.set(JAVA_LONG, extent, 0L);
    slab.set(JAVA_LONG, extent + PREVIOUS_OFFSET, 0L);
  }

  static long nextLink(MemorySegment slab, long extent) {
    return slab.get(JAVA_LONG, extent + NEXT_LINK_OFFSET);
  }

  static long previousLink(MemorySegment slab, long extent) {
    return slab.get(JAVA_LONG, extent + PREVIOUS_LINK_OFFSET);
  }

  static void setNextLink(MemorySegment slab, long extent, long link) {
    slab.set(JAVA_LONG, extent + NEXT_LINK_OFFSET, link);
  }

  static void setPreviousLink(MemorySegment slab, long extent, long link) {
    slab.set(JAVA_LONG, extent + PREVIOUS_LINK_OFFSET, link);
  }
}
