package io.kveik.server.cache.eviction;

/**
 * Sorts blocks by what was seen of them: how often they were used, and how long it was between the
 * last two uses. {@link #COUNT} classes, numbered from 0. Stateless.
 */
final class ReuseClass {
  private static final int USES = 4;
  private static final int GAPS = 5;
  static final int COUNT = USES * GAPS;
  static final int BITS = 5;

  /** Of a block that was used for the first time. */
  static final int FIRST_USE = 0;

  private static final int GAP_OCTAVES = 3;

  private ReuseClass() {}

  /** The class after one more use; gaps below 8, 64, 512 and above make four kinds. */
  static int next(int reuseClass, long gap) {
    int octave = Long.SIZE - 1 - Long.numberOfLeadingZeros(Math.max(gap, 1));
    return next(reuseClass, 1 + Math.min(octave / GAP_OCTAVES, GAPS - 2));
  }

  /**
   * The class after one more use; gaps below a quarter, the whole and four times a span and above
   * make four kinds.
   */
  static int next(int reuseClass, long gap, long span) {
    return next(reuseClass, 4 * gap < span ? 1 : gap < span ? 2 : gap < 4 * span ? 3 : 4);
  }

  private static int next(int reuseClass, int gapKind) {
    return Math.min(reuseClass / GAPS + 1, USES - 1) * GAPS + gapKind;
  }
}
