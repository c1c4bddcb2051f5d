package io.kveik.bench.whatif.reference;

import io.kveik.bench.whatif.SimulatedCache;

/**
 * W-TinyLFU (Einziger, Friedman and Manes, ACM Transactions on Storage 2017): blocks come into a
 * window of one percent of the room, by LRU. What leaves it gets into the main cache only when it
 * was used more often than the block that would have to go: a segmented LRU, four fifths of it
 * protected. How often, counters of up to 15 say, halved after as many uses as ten times the room.
 *
 * <p>Counters are exact, one for each block, where a server would have a sketch: what collisions
 * cost is no part of the figure. O(1) a use besides the halving. Not thread-safe.
 */
final class WTinyLfu implements SimulatedCache {
  private static final int WINDOW = 0;
  private static final int PROBATION = 1;
  private static final int PROTECTED = 2;
  private static final double WINDOW_SHARE = 0.01;
  private static final double PROTECTED_SHARE = 0.8;
  private static final int MAX_COUNT = 15;
  private static final long SAMPLES_PER_BLOCK = 10;

  private final int windowCapacity;
  private final int mainCapacity;
  private final int protectedCapacity;
  private final long sampleUses;
  private final BlockLists lists;
  private final byte[] counts;
  private long uses;

  WTinyLfu(int blocks, int capacity) {
    this.windowCapacity = Math.max(1, (int) (capacity * WINDOW_SHARE));
    this.mainCapacity = capacity - windowCapacity;
    this.protectedCapacity = (int) (mainCapacity * PROTECTED_SHARE);
    this.sampleUses = SAMPLES_PER_BLOCK * capacity;
    this.lists = new BlockLists(blocks, 3);
    this.counts = new byte[blocks];
  }

  @Override
  public boolean has(int block) {
    return lists.listOf(block) != BlockLists.NONE;
  }

  @Override
  public void requested() {}

  @Override
  public void use(int block) {
    count(block);
    switch (lists.listOf(block)) {
      case WINDOW -> lists.renew(block, WINDOW);
      case PROBATION, PROTECTED -> protect(block);
      default -> {
        lists.renew(block, WINDOW);
        if (lists.size(WINDOW) > windowCapacity) {
          admit(lists.removeOldest(WINDOW));
        }
      }
    }
  }

  private void count(int block) {
    counts[block] = (byte) Math.min(MAX_COUNT, counts[block] + 1);
    uses++;
    if (uses == sampleUses) {
      uses = 0;
      for (int i = 0; i < counts.length; i++) {
        counts[i] = (byte) (counts[i] / 2);
      }
    }
  }

  private void protect(int block) {
    lists.renew(block, PROTECTED);
    if (lists.size(PROTECTED) > protectedCapacity) {
      lists.renew(lists.oldest(PROTECTED), PROBATION);
    }
  }

  /** Lets a block into the main cache, or drops it. */
  private void admit(int block) {
    if (lists.size(PROBATION) + lists.size(PROTECTED) < mainCapacity) {
      lists.renew(block, PROBATION);
      return;
    }
    int list = lists.size(PROBATION) > 0 ? PROBATION : PROTECTED;
    int victim = lists.oldest(list);
    if (victim != BlockLists.NONE && counts[block] > counts[victim]) {
      lists.remove(victim);
      lists.renew(block, PROBATION);
    }
  }
}
