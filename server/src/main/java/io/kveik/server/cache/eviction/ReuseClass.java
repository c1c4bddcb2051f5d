package io.kveik.server.cache.eviction;

import io.kveik.server.block.TurnEnd;

/**
 * Sorts blocks by what was seen of them: how often they were used, how long it was between the last
 * two uses, and what the client told of the turn that used them last. {@link #COUNT} classes,
 * numbered from 0; those of blocks that nothing was told of are the first {@link #UNHINTED}.
 * Stateless.
 */
final class ReuseClass {
  private static final int USES = 4;
  private static final int GAPS = 5;
  private static final int HINTS = 3;
  static final int UNHINTED = USES * GAPS;
  static final int COUNT = HINTS * UNHINTED;
  static final int BITS = 6;

  /** Of a block that was used for the first time. */
  static final int FIRST_USE = 0;

  private static final int GAP_OCTAVES = 3;

  private ReuseClass() {}

  /**
   * The class after one more use, of which nothing was told yet; gaps below 8, 64, 512 and above
   * make four kinds.
   */
  static int next(int reuseClass, long gap) {
    int octave = Long.SIZE - 1 - Long.numberOfLeadingZeros(Math.max(gap, 1));
    return next(reuseClass, 1 + Math.min(octave / GAP_OCTAVES, GAPS - 2));
  }

  /**
   * The class after one more use, of which nothing was told yet; gaps below a quarter, the whole
   * and four times a span and above make four kinds.
   */
  static int next(int reuseClass, long gap, long span) {
    return next(reuseClass, 4 * gap < span ? 1 : gap < span ? 2 : gap < 4 * span ? 3 : 4);
  }

  /** The class once it is told how the turn of the last use ended. */
  static int hinted(int reuseClass, TurnEnd end) {
    int hint =
        switch (end) {
          case TOOL_USE -> 1;
          case END_TURN -> 2;
          case UNKNOWN, MAX_TOKENS, STOP_SEQUENCE, CANCELLED -> 0;
        };
    return hint * UNHINTED + reuseClass % UNHINTED;
  }

  private static int next(int reuseClass, int gapKind) {
    int uses = reuseClass % UNHINTED / GAPS;
    return Math.min(uses + 1, USES - 1) * GAPS + gapKind;
  }
}
