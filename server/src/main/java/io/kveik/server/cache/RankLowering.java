package io.kveik.server.cache;

import io.kveik.server.memory.Records;
import java.util.function.IntPredicate;

/**
 * Lowers ranks of nodes. That never harms those that follow; what is above a node in its chain must
 * stay below it and so may have to be lowered first: at most {@value #MAX_CLIMB} nodes at a time,
 * which bounds the time under the lock. Owner thread: whoever holds the index lock.
 */
final class RankLowering {
  /** More than clients have writes under way that may overtake each other. */
  static final int MAX_CLIMB = 64;

  private final BlockRecords blocks;
  private final IntPredicate shared;

  /** From the node that is to be lowered upwards. */
  private final int[] path = new int[MAX_CLIMB];

  /**
   * @param shared true for a node whose rank is also that of other blocks; it keeps it
   */
  RankLowering(BlockRecords blocks, IntPredicate shared) {
    this.blocks = blocks;
    this.shared = shared;
  }

  /** Gives a node its depth as rank if the nodes above it lead to one that has its own. */
  void ground(int node) {
    if (Rank.floats(blocks.rank(node))) {
      lower(node, Rank.GROUND, Records.NONE);
    }
  }

  /**
   * Lowers a node to a rank, or further.
   *
   * @param most the rank; where all that is above floats, too
   * @param below a node that is to follow this one; {@link Records#NONE} for none
   * @return false when nothing was changed: too many are above, the rank of one is shared, or one
   *     is the node that is to follow
   */
  boolean lower(int node, int most, int below) {
    int length = 0;
    int at = node;
    int above = Records.NONE;
    // The node at place i of the path may have a rank of at most - i.
    while (at != Records.NONE && blocks.rank(at) > most - length) {
      if (length == MAX_CLIMB || at == below || shared.test(at)) {
        return false;
      }
      path[length++] = at;
      at = blocks.parent(at);
      above = at;
    }
    if (length > 0 && above == Records.NONE && !Rank.floats(most)) {
      return false;
    }
    int rank = above == Records.NONE ? most - length : blocks.rank(above);
    for (int i = length - 1; i >= 0; i--) {
      blocks.setRank(path[i], ++rank);
    }
    return true;
  }
}
