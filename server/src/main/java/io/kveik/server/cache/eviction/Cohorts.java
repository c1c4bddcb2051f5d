package io.kveik.server.cache.eviction;

import java.util.Arrays;

/**
 * How many blocks, cached or ghosts, are of which {@link ReuseClass} and which age, without a walk
 * through them: a count for each class and each span of time in which they were last used.
 *
 * <pre>
 *   ancient │ cohort │ cohort │ ... │ cohort of now        a ring of {@value #COHORTS} cohorts,
 *   ────────┴────────┴────────┴─────┴────────► time        each 2^shift units of time long
 * </pre>
 *
 * <p>Cohorts become twice as long when the ring comes round to one that still has its share of
 * blocks. One of few is added to the ancient instead, so that a handful of blocks that nobody asks
 * for can't make the cohorts of all others coarse. The ancient count as of the age at which being
 * ancient begins.
 *
 * <p>{@link #join} and {@link #leave} are O(1); {@link #addTo} and, once in a cohort's time, {@link
 * #advance} are O(cohorts × classes). 120 KiB. Single-threaded.
 */
final class Cohorts {
  private static final int COHORTS = 512;
  private static final int CLASSES = ReuseClass.COUNT;

  /** A cohort has its share with a quarter of the average. */
  private static final int SHARE = 4 * COHORTS;

  private final int[] counts = new int[COHORTS * CLASSES];
  private final int[] ancient = new int[CLASSES];
  private int shift;
  private long current;
  private long living;

  /** What was last used before this is ancient. */
  private long ancientBefore;

  /** A block of that class is used at this time, now or before. */
  void join(int reuseClass, long lastUse) {
    living++;
    if (lastUse < ancientBefore) {
      ancient[reuseClass]++;
    } else {
      counts[index(lastUse >>> shift) + reuseClass]++;
    }
  }

  /** Takes back one {@link #join}. */
  void leave(int reuseClass, long lastUse) {
    living--;
    if (lastUse < ancientBefore) {
      ancient[reuseClass]--;
    } else {
      counts[index(lastUse >>> shift) + reuseClass]--;
    }
  }

  /** Time has come to this. */
  void advance(long now) {
    while (current < now >>> shift) {
      long oldest = current + 1 - COHORTS;
      if (size(oldest) * SHARE > living) {
        lengthen();
      } else {
        retire(oldest);
        current++;
      }
    }
  }

  /**
   * Adds the counts to those of each {@link ReuseCurves} cell; a cohort's blocks count as evenly
   * spread over its time.
   */
  void addTo(double[] cells, long now) {
    long first = Math.max(ancientBefore >>> shift, current + 1 - COHORTS);
    for (long cohort = Math.max(0, first); cohort <= current; cohort++) {
      if (size(cohort) > 0) {
        long oldestAge = now - (cohort << shift);
        long youngestAge = Math.max(0, oldestAge + 1 - (1L << shift));
        addCohort(cells, index(cohort), youngestAge, oldestAge);
      }
    }
    for (int i = 0; i < CLASSES; i++) {
      cells[ReuseCurves.cell(i, now - ancientBefore)] += ancient[i];
    }
  }

  private void addCohort(double[] cells, int index, long youngestAge, long oldestAge) {
    double ages = oldestAge - youngestAge + 1.0;
    int last = AgeBuckets.of(oldestAge);
    long from = youngestAge;
    for (int bucket = AgeBuckets.of(youngestAge); bucket <= last; bucket++) {
      long to =
          bucket == last
              ? oldestAge + 1
              : Math.min(oldestAge + 1, (long) Math.ceil(AgeBuckets.from(bucket + 1)));
      if (to > from) {
        double share = (to - from) / ages;
        for (int i = 0; i < CLASSES; i++) {
          cells[i * AgeBuckets.COUNT + bucket] += share * counts[index + i];
        }
        from = to;
      }
    }
  }

  private void retire(long cohort) {
    int index = index(cohort);
    for (int i = 0; i < CLASSES; i++) {
      ancient[i] += counts[index + i];
      counts[index + i] = 0;
    }
    ancientBefore = Math.max(ancientBefore, (cohort + 1) << shift);
  }

  private void lengthen() {
    int[] before = counts.clone();
    Arrays.fill(counts, 0);
    for (long cohort = Math.max(0, current + 1 - COHORTS); cohort <= current; cohort++) {
      int from = index(cohort);
      int to = index(cohort >>> 1);
      for (int i = 0; i < CLASSES; i++) {
        counts[to + i] += before[from + i];
      }
    }
    shift++;
    current >>>= 1;
  }

  private long size(long cohort) {
    if (cohort < 0) {
      return 0;
    }
    long size = 0;
    int index = index(cohort);
    for (int i = 0; i < CLASSES; i++) {
      size += counts[index + i];
    }
    return size;
  }

  private static int index(long cohort) {
    return (int) (cohort & (COHORTS - 1)) * CLASSES;
  }
}
