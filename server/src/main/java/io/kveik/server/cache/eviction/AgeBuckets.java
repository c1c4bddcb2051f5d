package io.kveik.server.cache.eviction;

/**
 * Geometric buckets of ages, two an octave: 1, (1.5,) 2, 3, 4, 6, 8, 12 ... Bucket k begins at
 * {@link #from}. Stateless.
 */
final class AgeBuckets {
  /** The last one begins at 12.6 million and has no end. */
  static final int COUNT = 48;

  private AgeBuckets() {}

  /** The bucket of an age; one below 1 counts as 1. */
  static int of(long age) {
    if (age <= 1) {
      return 0;
    }
    int octave = Long.SIZE - 1 - Long.numberOfLeadingZeros(age);
    int half = (int) (age >>> (octave - 1)) & 1;
    return Math.min(2 * octave + half, COUNT - 1);
  }

  /** Where a bucket begins, up to one after the last. */
  static double from(int bucket) {
    double octave = 1L << (bucket >>> 1);
    return (bucket & 1) == 0 ? octave : 1.5 * octave;
  }
}
