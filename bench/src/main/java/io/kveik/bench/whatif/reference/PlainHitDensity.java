package io.kveik.bench.whatif.reference;

import io.kveik.bench.whatif.SimulatedCache;

/**
 * Hit density, in the deterministic form: one list by age for each class of blocks, of which the
 * one goes whose oldest block has the least density (LHD of Beckmann, Chen and Cidon, NSDI 2018,
 * with the best horizon as in Gittins' index; {@link ReuseTable}). A class is how often a block was
 * used while it was cached (1, 2, 3, more) × the gap between its last two uses, in multiples of the
 * room. What went is remembered for {@value #GHOSTS_PER_BLOCK} times as many blocks as there is
 * room for.
 *
 * <p>O(classes) a use. Not thread-safe.
 */
final class PlainHitDensity implements SimulatedCache {
  static final int CLASSES = 20;

  private static final int GHOSTS = CLASSES;
  private static final int GHOSTS_PER_BLOCK = 4;
  private static final int GAPS = 5;
  private static final int MAX_USES = CLASSES / GAPS;
  private static final int USES_PER_ROUND_PER_BLOCK = 4;

  private final int capacity;
  private final BlockLists lists;
  private final ReuseTable table = new ReuseTable(CLASSES);
  private final byte[] classOf;
  private final long[] lastUse;
  private long now;
  private int cached;

  PlainHitDensity(int blocks, int capacity) {
    this.capacity = capacity;
    this.lists = new BlockLists(blocks, CLASSES + 1);
    this.classOf = new byte[blocks];
    this.lastUse = new long[blocks];
  }

  @Override
  public boolean has(int block) {
    int list = lists.listOf(block);
    return list != BlockLists.NONE && list != GHOSTS;
  }

  @Override
  public void requested() {}

  @Override
  public void use(int block) {
    now++;
    int list = lists.listOf(block);
    int useClass = 0;
    if (list != BlockLists.NONE) {
      long gap = now - lastUse[block];
      table.reused(classOf[block], gap);
      int uses = list == GHOSTS ? 0 : Math.min(MAX_USES - 1, classOf[block] / GAPS + 1);
      useClass = uses * GAPS + gapKind(gap);
    }
    classOf[block] = (byte) useClass;
    lastUse[block] = now;
    if (!has(block)) {
      cached++;
    }
    lists.renew(block, useClass);
    if (cached > capacity) {
      evict();
    }
    if (now % ((long) USES_PER_ROUND_PER_BLOCK * capacity) == 0) {
      table.endRound();
    }
  }

  /** Below the room, four and sixteen times the room, and above; 0 is for the first use. */
  private int gapKind(long gap) {
    return gap < capacity ? 1 : gap < 4L * capacity ? 2 : gap < 16L * capacity ? 3 : 4;
  }

  private void evict() {
    int victim = BlockLists.NONE;
    double least = Double.POSITIVE_INFINITY;
    for (int list = 0; list < CLASSES; list++) {
      int block = lists.oldest(list);
      if (block != BlockLists.NONE) {
        double density = table.density(list, now - lastUse[block]);
        if (density < least || (density == least && lastUse[block] < lastUse[victim])) {
          victim = block;
          least = density;
        }
      }
    }
    cached--;
    lists.renew(victim, GHOSTS);
    while (lists.size(GHOSTS) > GHOSTS_PER_BLOCK * capacity) {
      int forgotten = lists.removeOldest(GHOSTS);
      table.lost(classOf[forgotten], now - lastUse[forgotten]);
    }
  }
}
