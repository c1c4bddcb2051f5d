package io.kveik.bench.whatif.reference;

/**
 * When blocks of each class come back, counted over ages in geometric buckets, and the hit density
 * that follows: the best ratio, over all horizons H, of the chance that a block is used within H to
 * the time it takes up until then. What was counted fades from round to round. Not thread-safe.
 */
final class ReuseTable {
  private static final int BUCKETS = 48;
  private static final double BUCKET_RATIO = 1.6;
  private static final double FADE = 0.7;

  /** Lives of the average of all classes that each class has on top of its own. */
  private static final double POOLED_LIVES = 300;

  private final int classes;
  private final double[][] reused;
  private final double[][] lost;
  private final double[][] densities;

  ReuseTable(int classes) {
    this.classes = classes;
    this.reused = new double[classes][BUCKETS];
    this.lost = new double[classes][BUCKETS];
    this.densities = new double[classes][BUCKETS];
  }

  /** A block of that class was used again at that age. */
  void reused(int useClass, long age) {
    reused[useClass][bucket(age)]++;
  }

  /** A block of that class is forgotten at that age. */
  void lost(int useClass, long age) {
    lost[useClass][bucket(age)]++;
  }

  /** As of the last {@link #endRound}; 0 before the first. */
  double density(int useClass, long age) {
    return densities[useClass][bucket(age)];
  }

  /** Works the densities out and lets the counts fade. */
  void endRound() {
    double[] allReused = new double[BUCKETS];
    double[] allLost = new double[BUCKETS];
    double lives = 0;
    for (int i = 0; i < classes; i++) {
      for (int k = 0; k < BUCKETS; k++) {
        allReused[k] += reused[i][k];
        allLost[k] += lost[i][k];
        lives += reused[i][k] + lost[i][k];
      }
    }
    double share = lives == 0 ? 0 : POOLED_LIVES / lives;
    for (int i = 0; i < classes; i++) {
      double[] used = new double[BUCKETS];
      double[] ended = new double[BUCKETS];
      for (int k = 0; k < BUCKETS; k++) {
        used[k] = reused[i][k] + share * allReused[k];
        ended[k] = used[k] + lost[i][k] + share * allLost[k];
        reused[i][k] *= FADE;
        lost[i][k] *= FADE;
      }
      fill(densities[i], used, ended);
    }
  }

  private static void fill(double[] densities, double[] used, double[] ended) {
    double[] alive = new double[BUCKETS + 1];
    for (int k = BUCKETS - 1; k >= 0; k--) {
      alive[k] = alive[k + 1] + ended[k];
    }
    for (int k = 0; k < BUCKETS; k++) {
      double best = 0;
      if (alive[k] > 0) {
        double hits = 0;
        double time = 0;
        for (int h = k; h < BUCKETS && alive[h] > 0; h++) {
          double width = Math.pow(BUCKET_RATIO, h + 1) - Math.pow(BUCKET_RATIO, h);
          // Lives that end in a bucket take half of it on average.
          time += width * (alive[h] - ended[h] / 2);
          hits += used[h];
          best = Math.max(best, hits / time);
        }
      } else if (k > 0) {
        // Nobody was ever that old; the older, the less likely to come back.
        best = densities[k - 1] / 2;
      }
      densities[k] = best;
    }
  }

  private static int bucket(long age) {
    return Math.min(BUCKETS - 1, (int) (Math.log((double) age + 1) / Math.log(BUCKET_RATIO)));
  }
}
