package io.kveik.server.cache;

/**
 * Where a block stands in its chain: a number above that of the block it follows, so that holds,
 * which run from children to parents, never form a circle.
 *
 * <p>A chain that is known from its first block on has ranks 0, 1, 2: a block's rank is its depth.
 * Writes of one prompt overtake each other, though, and a tier lists its blocks in any order. A
 * block that comes before its parent <em>floats</em>: it is given a rank far above all depths, and
 * so is what follows it. Ranks may be lowered later ({@link RankLowering}). Stateless.
 */
final class Rank {
  /** The highest rank that is a depth. */
  static final int GROUND = 1 << 29;

  /** The rank of a block at depth 0 whose parent is yet to come; what comes ahead goes below. */
  private static final int FLOATING = 1 << 30;

  /** Depths above this, which only a damaged header can state, count as this. */
  private static final int MOST_DEPTH = 1 << 28;

  private Rank() {}

  /**
   * The rank of a block whose parent is not known.
   *
   * @param depth what its header says, at least 0
   */
  static int floating(int depth) {
    return FLOATING + Math.min(depth, MOST_DEPTH);
  }

  static boolean floats(int rank) {
    return rank > GROUND;
  }

  /** Blocks before the one with this rank, as far as that is known. */
  static int depth(int rank) {
    return Math.max(0, floats(rank) ? rank - FLOATING : rank);
  }
}
