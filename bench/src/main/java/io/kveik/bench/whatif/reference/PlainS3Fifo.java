package io.kveik.bench.whatif.reference;

import io.kveik.bench.whatif.SimulatedCache;

/**
 * S3-FIFO as its authors describe it (Yang et al., "FIFO queues are all you need for cache
 * eviction", SOSP 2023): a small queue of a tenth of the room, from which only blocks go on to the
 * main queue that were used more than once since they came; each use, three at most, buys another
 * round there. What left the small queue is remembered for as many blocks as the main queue has
 * room for, and goes to the main queue when it comes back. O(1) amortised a use. Not thread-safe.
 */
final class PlainS3Fifo implements SimulatedCache {
  private static final int SMALL = 0;
  private static final int MAIN = 1;
  private static final int GHOSTS = 2;
  private static final int SMALL_PARTS = 10;
  private static final int USES_TO_STAY = 2;
  private static final int MAX_USES = 3;

  private final int capacity;
  private final int smallCapacity;
  private final BlockLists lists;
  private final byte[] uses;

  PlainS3Fifo(int blocks, int capacity) {
    this.capacity = capacity;
    this.smallCapacity = Math.max(1, capacity / SMALL_PARTS);
    this.lists = new BlockLists(blocks, 3);
    this.uses = new byte[blocks];
  }

  @Override
  public boolean has(int block) {
    int list = lists.listOf(block);
    return list == SMALL || list == MAIN;
  }

  @Override
  public void requested() {}

  @Override
  public void use(int block) {
    if (has(block)) {
      uses[block] = (byte) Math.min(MAX_USES, uses[block] + 1);
      return;
    }
    boolean returned = lists.listOf(block) == GHOSTS;
    if (lists.size(SMALL) + lists.size(MAIN) == capacity) {
      evict();
    }
    uses[block] = 0;
    lists.renew(block, returned ? MAIN : SMALL);
  }

  private void evict() {
    boolean fromSmall = lists.size(SMALL) >= smallCapacity || lists.size(MAIN) == 0;
    if (!fromSmall || !evictFromSmall()) {
      evictFromMain();
    }
  }

  /** False when all of the small queue went on to the main one. */
  private boolean evictFromSmall() {
    while (lists.size(SMALL) > 0) {
      int block = lists.oldest(SMALL);
      if (uses[block] < USES_TO_STAY) {
        lists.renew(block, GHOSTS);
        while (lists.size(GHOSTS) > capacity - smallCapacity) {
          lists.removeOldest(GHOSTS);
        }
        return true;
      }
      uses[block] = 0;
      lists.renew(block, MAIN);
    }
    return false;
  }

  private void evictFromMain() {
    int block = lists.oldest(MAIN);
    while (uses[block] > 0) {
      uses[block]--;
      lists.renew(block, MAIN);
      block = lists.oldest(MAIN);
    }
    lists.remove(block);
  }
}
