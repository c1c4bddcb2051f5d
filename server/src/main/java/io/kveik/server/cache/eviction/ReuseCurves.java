package io.kveik.server.cache.eviction;

import java.util.Arrays;

/**
 * Learns when blocks are used again, and tells what a block is worth by it.
 *
 * <p>For each class and bucket of ages it counts the lives that ended there: by a use, or by the
 * end of our knowledge. From these comes the Kaplan-Meier estimate of the chance that a block of an
 * age is used within H more. Its <em>density</em> is the best ratio, over all H, of that chance to
 * the time the block takes up until then: hits for the room they cost (LHD of Beckmann et al., NSDI
 * 2018, with the horizon chosen as in Gittins' index).
 *
 * <p>{@link #reused} and {@link #lost} are O(1); {@link #densities} is O(classes × buckets²), some
 * ten thousand steps, three times that where clients give hints. Allocates nothing after its
 * making. Single-threaded.
 */
final class ReuseCurves {
  /** Cells are numbered class × buckets + bucket. */
  static final int CELLS = ReuseClass.COUNT * AgeBuckets.COUNT;

  /** Bits of a cell's number. */
  static final int CELL_BITS = 12;

  private static final int BUCKETS = AgeBuckets.COUNT;

  private final double pooledLives;
  private final double[] reused = new double[CELLS];
  private final double[] lost = new double[CELLS];
  private final double[] pooledReused = new double[BUCKETS];
  private final double[] pooledLost = new double[BUCKETS];
  private final double[] used = new double[BUCKETS];
  private final double[] ended = new double[BUCKETS];
  private final double[] alive = new double[BUCKETS + 1];

  /**
   * @param pooledLives how many lives of the average of all classes each class starts with
   */
  ReuseCurves(double pooledLives) {
    this.pooledLives = pooledLives;
  }

  /** The cell of a class and an age. */
  static int cell(int reuseClass, long age) {
    return reuseClass * BUCKETS + AgeBuckets.of(age);
  }

  /** A block of that cell was used. */
  void reused(int cell) {
    reused[cell]++;
  }

  /** A block of that cell is forgotten unused. */
  void lost(int cell) {
    lost[cell]++;
  }

  /** Lets what was learnt count so much less, 0 to 1. */
  void fade(double factor) {
    for (int i = 0; i < CELLS; i++) {
      reused[i] *= factor;
      lost[i] *= factor;
    }
  }

  /**
   * Works the densities out.
   *
   * @param living how many blocks of each cell live now: their lives are longer than their ages
   * @param densities of each cell, hits per unit of time; not negative
   */
  void densities(double[] living, double[] densities) {
    Arrays.fill(pooledReused, 0);
    Arrays.fill(pooledLost, 0);
    double all = 0;
    for (int i = 0; i < CELLS; i++) {
      pooledReused[i % BUCKETS] += reused[i];
      pooledLost[i % BUCKETS] += lost[i];
      all += reused[i] + lost[i];
    }
    double share = all == 0 ? 0 : pooledLives / all;
    int unseen = -1;
    for (int first = 0; first < CELLS; first += BUCKETS) {
      boolean seen = seen(first, living);
      if (!seen && unseen >= 0) {
        System.arraycopy(densities, unseen, densities, first, BUCKETS);
        continue;
      }
      for (int k = 0; k < BUCKETS; k++) {
        used[k] = reused[first + k] + share * pooledReused[k];
        ended[k] = used[k] + lost[first + k] + share * pooledLost[k] + living[first + k];
      }
      densitiesOfClass(first, densities);
      unseen = seen ? unseen : first;
    }
  }

  /** False for a class that no block was ever in: all of these have the same densities. */
  private boolean seen(int first, double[] living) {
    for (int i = first; i < first + BUCKETS; i++) {
      if (reused[i] + lost[i] + living[i] > 0) {
        return true;
      }
    }
    return false;
  }

  private void densitiesOfClass(int first, double[] densities) {
    int last = 0;
    for (int k = BUCKETS - 1; k >= 0; k--) {
      alive[k] = alive[k + 1] + ended[k];
      if (last == 0 && ended[k] > 0) {
        last = k;
      }
    }
    for (int k = 0; k < BUCKETS; k++) {
      double best = 0;
      if (alive[k] > 0) {
        double hits = 0;
        double time = 0;
        for (int h = k; h <= last; h++) {
          // Lives that end in a bucket take half of it on average.
          double width = AgeBuckets.from(h + 1) - AgeBuckets.from(h);
          time += width * (alive[h] - ended[h] / 2);
          hits += used[h];
          best = Math.max(best, hits / time);
        }
      } else if (k > 0) {
        // Nobody was ever that old; the older, the less likely to come back.
        best = densities[first + k - 1] / 2;
      }
      densities[first + k] = best;
    }
  }
}
