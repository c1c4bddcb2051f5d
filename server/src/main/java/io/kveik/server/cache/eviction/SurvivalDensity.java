package io.kveik.server.cache.eviction;

import io.kveik.server.memory.RecordMemory;
import java.util.Arrays;

/**
 * Kveik's own policy: evicts the block whose class and age promise the fewest hits for the room it
 * takes, learnt from the traffic with nothing left out.
 *
 * <p>It is hit density (see {@link ReuseCurves}) with three differences, each measured in
 * docs/eviction.md:
 *
 * <ol>
 *   <li><em>Time is counted in requests</em>, not in uses of blocks or seconds: a request of a
 *       thousand blocks makes nobody older than one of ten, and a quiet night makes nobody older at
 *       all.
 *   <li><em>The living are counted</em> ({@link Cohorts}): a block or ghost that has not come back
 *       yet is evidence that it takes longer than its age. Without it estimates rest on the lives
 *       that have ended, which early on are the short ones, and old blocks look better than they
 *       are.
 *   <li><em>Every age of every class is a candidate</em> ({@link LeafCells}), not only the oldest
 *       block of each class: where blocks come back after a certain time, those that wait longest
 *       are worth the most. Only with the living counted are the estimates of ages good enough for
 *       that.
 * </ol>
 *
 * <p>Each class also starts with some lives of all classes' average, and what was learnt fades over
 * fifty times as many uses as there are blocks. None of the constants is a size or a time of any
 * one traffic.
 *
 * <p>All calls are O(1) amortised; once in an eighth as many uses as there are blocks the curves
 * are worked out and the cells sorted anew, some 100 µs. 16 bytes a block and 36 a ghost, four
 * ghosts a block. Single-threaded.
 */
public final class SurvivalDensity implements EvictionPolicy {
  private static final int GHOSTS_PER_BLOCK = 4;
  private static final double POOLED_LIVES = 100;
  private static final double ROUNDS_TO_FADE = 50;
  private static final int FEWEST_BLOCKS = 500;
  private static final int RANKINGS_PER_ROUND = 8;
  private static final int FIRST_RANKING_USES = 64;
  private static final int LEAST_RANKING_USES = 512;
  private static final int MOST_RANKING_USES = 1 << 16;

  private static final int CLASS_MASK = (1 << ReuseClass.BITS) - 1;

  private final LeafCells cells;
  private final Ghosts ghosts;
  private final ReuseCurves curves = new ReuseCurves(POOLED_LIVES);
  private final Cohorts cohorts = new Cohorts();
  private final double[] living = new double[ReuseCurves.CELLS];
  private final double[] densities = new double[ReuseCurves.CELLS];
  private int blocks;
  private int usesSinceRanking;
  private int usesToRanking = FIRST_RANKING_USES;

  /**
   * @param memory where its records are; outlives it
   */
  public SurvivalDensity(RecordMemory memory) {
    this.cells = new LeafCells(memory);
    this.ghosts = new Ghosts(memory);
  }

  @Override
  public void requested() {
    cells.tick();
    cohorts.advance(cells.now());
  }

  @Override
  public void inserted(int id, BlockTraits traits) {
    int reuseClass = ReuseClass.FIRST_USE;
    int ghost = ghosts.find(traits.identity);
    if (ghost != Ghosts.NONE) {
      long value = ghosts.value(ghost);
      ghosts.remove(ghost);
      reuseClass = reused((int) value & CLASS_MASK, value >>> ReuseClass.BITS);
    }
    blocks++;
    cells.enter(id, reuseClass);
    countUse(reuseClass);
  }

  @Override
  public void touched(int id) {
    int reuseClass = reused(cells.reuseClass(id), cells.lastUse(id));
    cells.use(id, reuseClass);
    countUse(reuseClass);
  }

  @Override
  public void evicted(int id, long identity) {
    ghosts.add(identity, cells.lastUse(id) << ReuseClass.BITS | cells.reuseClass(id));
    while (ghosts.size() > (long) GHOSTS_PER_BLOCK * blocks) {
      int oldest = ghosts.oldest();
      long value = ghosts.value(oldest);
      ghosts.remove(oldest);
      int reuseClass = (int) value & CLASS_MASK;
      long lastUse = value >>> ReuseClass.BITS;
      curves.lost(ReuseCurves.cell(reuseClass, cells.now() - lastUse));
      cohorts.leave(reuseClass, lastUse);
    }
    blocks--;
    cells.hold(id);
  }

  @Override
  public void removed(int id) {
    blocks--;
    cohorts.leave(cells.reuseClass(id), cells.lastUse(id));
    cells.hold(id);
  }

  @Override
  public void held(int id) {
    cells.hold(id);
  }

  @Override
  public void released(int id) {
    cells.release(id);
  }

  @Override
  public int victim() {
    return cells.first();
  }

  @Override
  public void spared(int id) {
    int reuseClass = cells.reuseClass(id);
    cohorts.leave(reuseClass, cells.lastUse(id));
    cells.use(id, reuseClass);
    cohorts.join(reuseClass, cells.now());
  }

  /** Learns that a block has come back; its class from now on. */
  private int reused(int reuseClass, long lastUse) {
    long gap = cells.now() - lastUse;
    curves.reused(ReuseCurves.cell(reuseClass, gap));
    cohorts.leave(reuseClass, lastUse);
    return ReuseClass.next(reuseClass, gap);
  }

  private void countUse(int reuseClass) {
    cohorts.join(reuseClass, cells.now());
    usesSinceRanking++;
    if (usesSinceRanking >= usesToRanking) {
      rank();
    }
  }

  private void rank() {
    int size = Math.max(FEWEST_BLOCKS, blocks);
    curves.fade(Math.exp(-usesSinceRanking / (ROUNDS_TO_FADE * size)));
    Arrays.fill(living, 0);
    cohorts.addTo(living, cells.now());
    curves.densities(living, densities);
    cells.rank(densities);
    int steady = Math.clamp(blocks / RANKINGS_PER_ROUND, LEAST_RANKING_USES, MOST_RANKING_USES);
    usesToRanking = Math.min(2 * usesToRanking, steady);
    usesSinceRanking = 0;
  }
}
