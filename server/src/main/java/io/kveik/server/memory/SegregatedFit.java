package io.kveik.server.memory;

import static io.kveik.server.memory.ExtentDescriptor.END;
import static io.kveik.server.memory.ExtentDescriptor.FIRST_OFFSET;
import static io.kveik.server.memory.ExtentDescriptor.FREE;
import static io.kveik.server.memory.ExtentDescriptor.GRANULE_BYTES;
import static io.kveik.server.memory.ExtentDescriptor.NO_EXTENT;
import static io.kveik.server.memory.ExtentDescriptor.TAG_BYTES;
import static io.kveik.server.memory.ExtentDescriptor.USED;

import java.lang.foreign.MemorySegment;

/**
 * Carves one segment into extents by two-level segregated fit: allocation splits, freeing coalesces
 * with both physical neighbours, so two free extents never touch.
 *
 * <p>Not thread-safe: the owner is whoever holds the slab's lock.
 *
 * <p>Both operations are O(1): a fixed number of tags is read and written, whatever the number of
 * extents. Textbook TLSF rounds a request up to the next class and so never finds a hole of just
 * the right length; caches store few distinct lengths, so this one first takes the tightest of up
 * to {@value #SCAN_LIMIT} extents of the request's own class, and only then any extent of the next
 * class that has one. A request can therefore be refused although an extent of its own class beyond
 * the first {@value #SCAN_LIMIT} would hold it; it is never refused when a higher class has one.
 *
 * <p>Tags and links lie among the bytes ({@link ExtentDescriptor}); what is read from them is
 * checked before it is believed, and a free of what is not a used extent, or an extent whose
 * neighbours or list disagree with it, throws {@link IllegalStateException}. Source: Masmano et
 * al., ECRTS 2004; the check of links before unlinking is that of glibc's {@code malloc}.
 */
final class SegregatedFit {

  static final long NO_ROOM = -1;

  /** How many extents of the request's own class are looked at. */
  static final int SCAN_LIMIT = 16;

  private final MemorySegment slab;
  private final SizeClasses classes = new SizeClasses();
  private final long usableGranules;
  private final long endOffset;
  private long freeGranules;

  /** Takes over the segment, whose length is within the limits of {@link ExtentDescriptor}. */
  SegregatedFit(MemorySegment slab) {
    this.slab = slab;
    usableGranules = ExtentDescriptor.usableGranules(slab.byteSize());
    endOffset = FIRST_OFFSET + usableGranules * GRANULE_BYTES;
    ExtentDescriptor.setStateAndGranules(slab, endOffset, END, 0);
    ExtentDescriptor.setPreviousGranules(slab, endOffset, usableGranules);
    ExtentDescriptor.setPreviousGranules(slab, FIRST_OFFSET, 0);
    link(FIRST_OFFSET, usableGranules);
    freeGranules = usableGranules;
  }

  /** The bytes that all extents share, tags included. */
  long usableBytes() {
    return usableGranules * GRANULE_BYTES;
  }

  /** The bytes of all free extents, tags included. */
  long freeBytes() {
    return freeGranules * GRANULE_BYTES;
  }

  /** The bytes that an allocation of that much payload takes, tag included. */
  static long extentBytes(long payloadBytes) {
    return ExtentDescriptor.granulesFor(payloadBytes) * GRANULE_BYTES;
  }

  /**
   * The longest payload that {@link #allocate} is certain to find room for, 0 if nothing is free.
   * The longest free extent may be longer by less than 1/16, if more than {@value #SCAN_LIMIT}
   * share its class.
   */
  long largestFreeBytes() {
    int sizeClass = classes.highest();
    if (sizeClass == SizeClasses.NO_CLASS) {
      return 0;
    }
    long largest = 0;
    long extent = classes.head(sizeClass);
    for (int seen = 0; extent != NO_EXTENT && seen < SCAN_LIMIT; seen++) {
      largest = Math.max(largest, freeGranulesAt(extent));
      extent = ExtentDescriptor.nextLink(slab, extent);
    }
    return largest * GRANULE_BYTES - TAG_BYTES;
  }

  /**
   * The slab offset of a payload of that length (1 or more), a multiple of 64, or {@link #NO_ROOM}.
   */
  long allocate(long payloadBytes) {
    long granules = ExtentDescriptor.granulesFor(payloadBytes);
    if (granules > freeGranules) {
      return NO_ROOM;
    }
    int ownClass = SizeClasses.classOf(granules);
    long extent = tightestOf(ownClass, granules);
    if (extent == NO_EXTENT) {
      int sizeClass = classes.lowestAbove(ownClass);
      if (sizeClass == SizeClasses.NO_CLASS) {
        return NO_ROOM;
      }
      extent = classes.head(sizeClass);
    }
    take(extent, granules);
    freeGranules -= granules;
    return extent + TAG_BYTES;
  }

  /**
   * Gives back what {@link #allocate} returned.
   *
   * @throws IllegalStateException if that is not the offset of a used extent, or if its tag, a
   *     neighbour's tag or a list has been overwritten
   */
  void free(long payloadOffset) {
    long extent = payloadOffset - TAG_BYTES;
    check(isExtentOffset(extent) && extent != endOffset, extent, "is not an extent's offset");
    check(
        ExtentDescriptor.state(slab, extent) == USED,
        extent,
        "is not in use: freed twice or overwritten");
    long granules = checkedGranules(extent);
    long freed = granules;

    long next = extent + granules * GRANULE_BYTES;
    boolean nextIsFree = ExtentDescriptor.state(slab, next) == FREE;
    long nextGranules = nextIsFree ? checkedGranules(next) : 0;
    long previousGranules = ExtentDescriptor.previousGranules(slab, extent);
    long previous = extent - previousGranules * GRANULE_BYTES;

    if (nextIsFree) {
      unlink(next, nextGranules);
      ExtentDescriptor.eraseTag(slab, next);
      granules += nextGranules;
    }
    if (previousGranules != 0 && ExtentDescriptor.state(slab, previous) == FREE) {
      unlink(previous, previousGranules);
      ExtentDescriptor.eraseTag(slab, extent);
      granules += previousGranules;
      extent = previous;
    }
    link(extent, granules);
    ExtentDescriptor.setPreviousGranules(slab, extent + granules * GRANULE_BYTES, granules);
    freeGranules += freed;
  }

  private long tightestOf(int sizeClass, long granules) {
    long tightest = NO_EXTENT;
    long tightestGranules = Long.MAX_VALUE;
    long extent = classes.head(sizeClass);
    for (int seen = 0; extent != NO_EXTENT && seen < SCAN_LIMIT; seen++) {
      long candidate = freeGranulesAt(extent);
      if (candidate == granules) {
        return extent;
      }
      if (candidate > granules && candidate < tightestGranules) {
        tightest = extent;
        tightestGranules = candidate;
      }
      extent = ExtentDescriptor.nextLink(slab, extent);
    }
    return tightest;
  }

  private void take(long extent, long granules) {
    long available = checkedGranules(extent);
    unlink(extent, available);
    ExtentDescriptor.setStateAndGranules(slab, extent, USED, granules);
    long rest = available - granules;
    if (rest > 0) {
      long restExtent = extent + granules * GRANULE_BYTES;
      ExtentDescriptor.setPreviousGranules(slab, restExtent, granules);
      link(restExtent, rest);
      ExtentDescriptor.setPreviousGranules(slab, extent + available * GRANULE_BYTES, rest);
    }
  }

  /**
   * Tags the extent free and puts it at the head of its class, where the next request of its length
   * looks first.
   */
  private void link(long extent, long granules) {
    int sizeClass = SizeClasses.classOf(granules);
    long head = classes.head(sizeClass);
    ExtentDescriptor.setStateAndGranules(slab, extent, FREE, granules);
    ExtentDescriptor.setNextLink(slab, extent, head);
    ExtentDescriptor.setPreviousLink(slab, extent, NO_EXTENT);
    if (head != NO_EXTENT) {
      ExtentDescriptor.setPreviousLink(slab, head, extent);
    }
    classes.setHead(sizeClass, extent);
  }

  private void unlink(long extent, long granules) {
    int sizeClass = SizeClasses.classOf(granules);
    long next = ExtentDescriptor.nextLink(slab, extent);
    long previous = ExtentDescriptor.previousLink(slab, extent);
    boolean agrees = ExtentDescriptor.state(slab, extent) == FREE;
    agrees &=
        previous == NO_EXTENT
            ? classes.head(sizeClass) == extent
            : isExtentOffset(previous) && ExtentDescriptor.nextLink(slab, previous) == extent;
    if (next != NO_EXTENT) {
      agrees &= isExtentOffset(next) && ExtentDescriptor.previousLink(slab, next) == extent;
    }
    check(agrees, extent, "disagrees with its list of free extents: written to after it was freed");
    if (next != NO_EXTENT) {
      ExtentDescriptor.setPreviousLink(slab, next, previous);
    }
    if (previous == NO_EXTENT) {
      classes.setHead(sizeClass, next);
    } else {
      ExtentDescriptor.setNextLink(slab, previous, next);
    }
  }

  /** The length of an extent that a list names. */
  private long freeGranulesAt(long extent) {
    check(
        isExtentOffset(extent) && ExtentDescriptor.state(slab, extent) == FREE,
        extent,
        "is listed as free, but isn't: written to after it was freed");
    return ExtentDescriptor.granules(slab, extent);
  }

  /** The length of an extent, once it, both neighbours and the bounds agree on it. */
  private long checkedGranules(long extent) {
    long granules = ExtentDescriptor.granules(slab, extent);
    long next = extent + granules * GRANULE_BYTES;
    long previousGranules = ExtentDescriptor.previousGranules(slab, extent);
    long previous = extent - previousGranules * GRANULE_BYTES;
    check(
        granules > 0
            && next <= endOffset
            && previous >= FIRST_OFFSET
            && (extent == FIRST_OFFSET) == (previousGranules == 0)
            && ExtentDescriptor.isGuarded(slab, extent)
            && ExtentDescriptor.isGuarded(slab, next)
            && ExtentDescriptor.previousGranules(slab, next) == granules
            && (previousGranules == 0
                || ExtentDescriptor.granules(slab, previous) == previousGranules),
        extent,
        "has a tag that its neighbours contradict: overwritten");
    return granules;
  }

  private boolean isExtentOffset(long offset) {
    return offset >= FIRST_OFFSET
        && offset <= endOffset
        && (offset - FIRST_OFFSET) % GRANULE_BYTES == 0;
  }

  private static void check(boolean holds, long extent, String otherwise) {
    if (!holds) {
      throw new IllegalStateException("slab extent at offset " + extent + ' ' + otherwise);
    }
  }
}
