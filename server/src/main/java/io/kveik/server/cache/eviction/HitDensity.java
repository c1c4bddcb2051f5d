package io.kveik.server.cache.eviction;

import io.kveik.server.memory.RecordMemory;

/**
 * Evicts from the class of blocks whose least recently used one has the least hit density: see
 * {@link ReuseCurves}, with time counted in uses of blocks.
 *
 * <p>One {@link LeafQueue} for each {@link ReuseClass}, so that a victim is the best of {@value
 * ReuseClass#UNHINTED} candidates. What left is remembered for four times as many blocks as the
 * tier holds; less, and the policy never learns that blocks come back at all.
 *
 * <p>A touch is O(1), the rest O(log n) at worst; curves are worked out anew once in as many uses
 * as there are blocks. 16 bytes a block and 36 a ghost, four ghosts a block. Single-threaded.
 */
public final class HitDensity implements EvictionPolicy {
  private static final int GHOSTS_PER_BLOCK = 4;
  private static final int LEAST_USES_PER_ROUND = 500;
  private static final double FADE = 0.9;
  private static final int CLASS_MASK = (1 << ReuseClass.BITS) - 1;

  private final LeafRecords records;
  private final LeafQueue[] free = new LeafQueue[ReuseClass.UNHINTED];
  private final Ghosts ghosts;
  private final ReuseCurves curves = new ReuseCurves(0);
  private final double[] nobody = new double[ReuseCurves.CELLS];
  private final double[] densities = new double[ReuseCurves.CELLS];
  private long now;
  private long usesThisRound;
  private int blocks;

  /**
   * @param memory where its records are; outlives it
   */
  public HitDensity(RecordMemory memory) {
    this.records = new LeafRecords(memory);
    this.ghosts = new Ghosts(memory);
    for (int i = 0; i < free.length; i++) {
      free[i] = new LeafQueue(records, memory);
    }
  }

  @Override
  public void prepare(int highestId) {
    records.ensure(highestId);
  }

  @Override
  public void requested() {}

  @Override
  public void inserted(int id, BlockTraits traits) {
    now++;
    int reuseClass = ReuseClass.FIRST_USE;
    int ghost = ghosts.find(traits.identity);
    if (ghost != Ghosts.NONE) {
      long value = ghosts.value(ghost);
      ghosts.remove(ghost);
      reuseClass = reused((int) value & CLASS_MASK, now - (value >>> ReuseClass.BITS));
    }
    blocks++;
    records.enter(id, reuseClass);
    free[reuseClass].add(id);
    countUse();
  }

  @Override
  public void touched(int id) {
    now++;
    int before = records.mark(id);
    int after = reused(before, now - records.tick(id));
    boolean isFree = !records.isHeld(id);
    free[before].remove(id);
    records.setMark(id, after);
    records.renew(id);
    if (isFree) {
      free[after].add(id);
    }
    countUse();
  }

  @Override
  public void evicted(int id, long identity) {
    ghosts.add(identity, records.tick(id) << ReuseClass.BITS | records.mark(id));
    while (ghosts.size() > (long) GHOSTS_PER_BLOCK * blocks) {
      long value = ghosts.value(ghosts.oldest());
      ghosts.remove(ghosts.oldest());
      long age = now - (value >>> ReuseClass.BITS);
      curves.lost(ReuseCurves.cell((int) value & CLASS_MASK, age));
    }
    removed(id);
  }

  @Override
  public void removed(int id) {
    blocks--;
    held(id);
  }

  @Override
  public void held(int id) {
    free[records.mark(id)].remove(id);
  }

  @Override
  public void released(int id) {
    free[records.mark(id)].add(id);
  }

  @Override
  public int victim() {
    int victim = NONE;
    double least = 0;
    for (int i = 0; i < free.length; i++) {
      int first = free[i].first();
      if (first != NONE) {
        double density = densities[ReuseCurves.cell(i, now - records.tick(first))];
        if (victim == NONE
            || density < least
            || (density == least && records.tick(first) < records.tick(victim))) {
          victim = first;
          least = density;
        }
      }
    }
    return victim;
  }

  @Override
  public void spared(int id) {
    now++;
    LeafQueue queue = free[records.mark(id)];
    queue.remove(id);
    records.renew(id);
    queue.add(id);
  }

  private int reused(int reuseClass, long gap) {
    curves.reused(ReuseCurves.cell(reuseClass, gap));
    return ReuseClass.next(reuseClass, gap, blocks);
  }

  private void countUse() {
    usesThisRound++;
    if (usesThisRound >= Math.max(LEAST_USES_PER_ROUND, blocks)) {
      usesThisRound = 0;
      curves.densities(nobody, densities);
      curves.fade(FADE);
    }
  }
}
