package io.kveik.bench.contest;

/**
 * Tells when a rate has stopped rising: when none of the last {@value #LAST} windows was more than
 * three per cent above the best before them. A rate that swings without rising is steady. Not
 * thread-safe.
 */
final class SteadyRate {
  private static final int LAST = 3;
  private static final double RISE = 1.03;

  private double best;
  private int since;

  /**
   * Notes the next window's rate.
   *
   * @return true once it is steady
   */
  boolean add(double rate) {
    if (rate > RISE * best) {
      since = 0;
    } else {
      since++;
    }
    best = Math.max(best, rate);
    return since >= LAST;
  }
}
