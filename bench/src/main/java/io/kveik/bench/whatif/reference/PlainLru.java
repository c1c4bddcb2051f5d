package io.kveik.bench.whatif.reference;

import io.kveik.bench.whatif.SimulatedCache;

/** The least recently used block goes. O(1) a use. Not thread-safe. */
final class PlainLru implements SimulatedCache {
  private static final int CACHED = 0;

  private final int capacity;
  private final BlockLists lists;

  PlainLru(int blocks, int capacity) {
    this.capacity = capacity;
    this.lists = new BlockLists(blocks, 1);
  }

  @Override
  public boolean has(int block) {
    return lists.listOf(block) == CACHED;
  }

  @Override
  public void requested() {}

  @Override
  public void use(int block) {
    if (!has(block) && lists.size(CACHED) == capacity) {
      lists.removeOldest(CACHED);
    }
    lists.renew(block, CACHED);
  }
}
