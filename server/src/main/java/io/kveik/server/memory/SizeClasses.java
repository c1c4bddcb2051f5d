package io.kveik.server.memory;

/**
 * The size classes of two-level segregated fit with the head of each class's list: every power of
 * two of granules, split into 16 equal steps.
 *
 * <p>Lengths below 32 granules (2 KiB) have a class each; above, the lengths of one class differ by
 * less than 1/16. A class number orders like the lengths in it. All operations are O(1): two
 * bitmaps say which classes hold something. Not thread-safe. Source: Masmano, Ripoll, Crespo, Real,
 * "TLSF: a New Dynamic Memory Allocator for Real-Time Systems", ECRTS 2004.
 */
final class SizeClasses {

  static final int NO_CLASS = -1;

  private static final int STEP_BITS = 4;
  private static final int STEPS = 1 << STEP_BITS;
  private static final int STEP_MASK = STEPS - 1;
  private static final int COUNT =
      classOf(ExtentDescriptor.MAX_CAPACITY_BYTES / ExtentDescriptor.GRANULE_BYTES) + 1;

  // Zero, which a new array holds, is NO_EXTENT.
  private final long[] heads = new long[COUNT];
  private final int[] occupiedSteps = new int[(COUNT >> STEP_BITS) + 1];
  private long occupiedPowers;

  /** The class of an extent of that many granules (1 or more). */
  static int classOf(long granules) {
    if (granules < STEPS) {
      return (int) granules;
    }
    int power = Long.SIZE - 1 - Long.numberOfLeadingZeros(granules);
    int step = (int) (granules >>> (power - STEP_BITS)) & STEP_MASK;
    return ((power - STEP_BITS + 1) << STEP_BITS) + step;
  }

  long head(int sizeClass) {
    return heads[sizeClass];
  }

  void setHead(int sizeClass, long extent) {
    heads[sizeClass] = extent;
    int power = sizeClass >> STEP_BITS;
    int step = 1 << (sizeClass & STEP_MASK);
    if (extent == ExtentDescriptor.NO_EXTENT) {
      occupiedSteps[power] &= ~step;
      if (occupiedSteps[power] == 0) {
        occupiedPowers &= ~(1L << power);
      }
    } else {
      occupiedSteps[power] |= step;
      occupiedPowers |= 1L << power;
    }
  }

  /** The lowest class above that one that holds something, or {@link #NO_CLASS}. */
  int lowestAbove(int sizeClass) {
    int from = sizeClass + 1;
    int power = from >> STEP_BITS;
    int steps = occupiedSteps[power] & (-1 << (from & STEP_MASK));
    if (steps == 0) {
      long powers = occupiedPowers & (-2L << power);
      if (powers == 0) {
        return NO_CLASS;
      }
      power = Long.numberOfTrailingZeros(powers);
      steps = occupiedSteps[power];
    }
    return (power << STEP_BITS) + Integer.numberOfTrailingZeros(steps);
  }

  /** The highest class that holds something, or {@link #NO_CLASS}. */
  int highest() {
    if (occupiedPowers == 0) {
      return NO_CLASS;
    }
    int power = Long.SIZE - 1 - Long.numberOfLeadingZeros(occupiedPowers);
    int step = Integer.SIZE - 1 - Integer.numberOfLeadingZeros(occupiedSteps[power]);
    return (power << STEP_BITS) + step;
  }
}
