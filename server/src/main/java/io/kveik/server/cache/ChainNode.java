package io.kveik.server.cache;

import java.util.ArrayList;
import java.util.List;

/**
 * A place in a chain: the blocks that bear one label in one namespace at one depth, and the cached
 * blocks that follow them. Exists while either does. Guarded by the index lock.
 *
 * <p>Usually one block bears a label; a v1 client that labels blocks by their own tokens alone
 * makes several share one. Then all of them count as parents, which can only keep a block longer.
 * Labels are the client's, so they may form a cycle; holds can't, since they only run from one
 * depth to the next.
 */
final class ChainNode {
  /**
   * Scope and label of a node. 64 bits of the keyed fingerprint are enough to tell scopes apart.
   */
  record Id(long scope, long label) {}

  final Id id;
  final int depth;
  final List<BlockEntry> bearers = new ArrayList<>(1);

  /** Blocks in the index, in any tier, whose parent is this node. */
  int children;

  private final int[] childrenInTier;

  ChainNode(Id id, int depth, int tiers) {
    this.id = id;
    this.depth = depth;
    this.childrenInTier = new int[tiers];
  }

  int childrenIn(int tier) {
    return childrenInTier[tier];
  }

  void childEntered(int tier) {
    childrenInTier[tier]++;
  }

  void childLeft(int tier) {
    childrenInTier[tier]--;
  }

  boolean unused() {
    return children == 0 && bearers.isEmpty();
  }
}
