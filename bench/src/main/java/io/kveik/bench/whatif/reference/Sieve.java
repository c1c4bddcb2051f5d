package io.kveik.bench.whatif.reference;

import io.kveik.bench.whatif.SimulatedCache;

/**
 * SIEVE (Zhang et al., NSDI 2024): one queue that uses don't reorder. A hand goes from the oldest
 * towards the youngest and round again; it passes over blocks that were used since it last came by,
 * and the first other goes. O(1) amortised a use. Not thread-safe.
 */
final class Sieve implements SimulatedCache {
  private static final int CACHED = 0;

  private final int capacity;
  private final BlockLists lists;
  private final boolean[] used;
  private int hand = BlockLists.NONE;

  Sieve(int blocks, int capacity) {
    this.capacity = capacity;
    this.lists = new BlockLists(blocks, 1);
    this.used = new boolean[blocks];
  }

  @Override
  public boolean has(int block) {
    return lists.listOf(block) == CACHED;
  }

  @Override
  public void requested() {}

  @Override
  public void use(int block) {
    if (has(block)) {
      used[block] = true;
      return;
    }
    if (lists.size(CACHED) == capacity) {
      evict();
    }
    used[block] = false;
    lists.renew(block, CACHED);
  }

  private void evict() {
    int block = handOrOldest();
    while (used[block]) {
      used[block] = false;
      hand = lists.younger(block);
      block = handOrOldest();
    }
    hand = lists.younger(block);
    lists.remove(block);
  }

  private int handOrOldest() {
    return hand == BlockLists.NONE ? lists.oldest(CACHED) : hand;
  }
}
