package io.kveik.server.cache.eviction;

import io.kveik.server.block.TurnEnd;
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
 * <p>Why a turn ended, where clients tell, is a part of the class like any other: what it is worth
 * is learnt, so that a hint that says nothing changes little. Blocks of clients that tell nothing
 * are judged as if nobody did.
 *
 * <p>Hits may be worth more on some blocks than on others ({@link BlockValue}): then each level of
 * value has cells of its own, and the victim is the one of least density times value.
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

  private final BlockValue value;
  private final AgedRecords records;
  private final CellOrder order = new CellOrder();

  /** By level of value. */
  private final LeafCells[] free;

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
   * @param value what hits are worth
   */
  public SurvivalDensity(RecordMemory memory, BlockValue value) {
    this.value = value;
    this.records = new AgedRecords(memory);
    this.ghosts = new Ghosts(memory);
    this.free = new LeafCells[value.levels()];
    for (int level = 0; level < free.length; level++) {
      free[level] = new LeafCells(records, order);
    }
  }

  @Override
  public void prepare(int highestId) {
    records.ensure(highestId);
  }

  @Override
  public void requested() {
    records.tick();
    cohorts.advance(records.now());
    for (LeafCells cells : free) {
      cells.moveOn();
    }
  }

  @Override
  public void inserted(int id, BlockTraits traits) {
    int reuseClass = ReuseClass.FIRST_USE;
    int ghost = ghosts.find(traits.identity);
    if (ghost != Ghosts.NONE) {
      long memory = ghosts.value(ghost);
      ghosts.remove(ghost);
      reuseClass = reused((int) memory & CLASS_MASK, memory >>> ReuseClass.BITS);
    }
    blocks++;
    records.enter(id, reuseClass, value.level(traits));
    free[records.level(id)].addUsed(id);
    countUse(reuseClass);
  }

  @Override
  public void touched(int id) {
    int reuseClass = reused(records.reuseClass(id), records.lastUse(id));
    use(id, reuseClass);
    countUse(reuseClass);
  }

  @Override
  public void hinted(int id, TurnEnd end) {
    int before = records.reuseClass(id);
    int after = ReuseClass.hinted(before, end);
    if (after == before) {
      return;
    }
    cohorts.leave(before, records.lastUse(id));
    cohorts.join(after, records.lastUse(id));
    boolean listed = records.isListed(id);
    held(id);
    records.setReuseClass(id, after);
    if (listed) {
      free[records.level(id)].add(id);
    }
  }

  @Override
  public void evicted(int id, long identity) {
    ghosts.add(identity, records.lastUse(id) << ReuseClass.BITS | records.reuseClass(id));
    while (ghosts.size() > (long) GHOSTS_PER_BLOCK * blocks) {
      int oldest = ghosts.oldest();
      long memory = ghosts.value(oldest);
      ghosts.remove(oldest);
      int reuseClass = (int) memory & CLASS_MASK;
      long lastUse = memory >>> ReuseClass.BITS;
      curves.lost(ReuseCurves.cell(reuseClass, records.now() - lastUse));
      cohorts.leave(reuseClass, lastUse);
    }
    blocks--;
    held(id);
  }

  @Override
  public void removed(int id) {
    blocks--;
    cohorts.leave(records.reuseClass(id), records.lastUse(id));
    held(id);
  }

  @Override
  public void held(int id) {
    if (records.isListed(id)) {
      free[records.level(id)].remove(id);
    }
  }

  @Override
  public void released(int id) {
    free[records.level(id)].add(id);
  }

  @Override
  public int victim() {
    int victim = NONE;
    double least = 0;
    for (int level = 0; level < free.length; level++) {
      int first = free[level].first();
      if (first != NONE) {
        double worth = value.worth(level) * densities[records.cell(first)];
        if (victim == NONE
            || worth < least
            || (worth == least && records.age(first) > records.age(victim))) {
          victim = first;
          least = worth;
        }
      }
    }
    return victim;
  }

  @Override
  public void spared(int id) {
    int reuseClass = records.reuseClass(id);
    cohorts.leave(reuseClass, records.lastUse(id));
    use(id, reuseClass);
    cohorts.join(reuseClass, records.now());
  }

  private void use(int id, int reuseClass) {
    boolean listed = records.isListed(id);
    held(id);
    records.use(id, reuseClass);
    if (listed) {
      free[records.level(id)].addUsed(id);
    }
  }

  /** Learns that a block has come back; its class from now on. */
  private int reused(int reuseClass, long lastUse) {
    long gap = records.now() - lastUse;
    curves.reused(ReuseCurves.cell(reuseClass, gap));
    cohorts.leave(reuseClass, lastUse);
    return ReuseClass.next(reuseClass, gap);
  }

  private void countUse(int reuseClass) {
    cohorts.join(reuseClass, records.now());
    usesSinceRanking++;
    if (usesSinceRanking >= usesToRanking) {
      rank();
    }
  }

  private void rank() {
    int size = Math.max(FEWEST_BLOCKS, blocks);
    curves.fade(Math.exp(-usesSinceRanking / (ROUNDS_TO_FADE * size)));
    Arrays.fill(living, 0);
    cohorts.addTo(living, records.now());
    curves.densities(living, densities);
    order.sort(densities);
    for (LeafCells cells : free) {
      cells.reorder();
    }
    int steady = Math.clamp(blocks / RANKINGS_PER_ROUND, LEAST_RANKING_USES, MOST_RANKING_USES);
    usesToRanking = Math.min(2 * usesToRanking, steady);
    usesSinceRanking = 0;
  }
}
