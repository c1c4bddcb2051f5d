package io.kveik.server.tier.object.resilient;

/**
 * Allows so many extra tries per hundred calls, so that retries and hedges can't multiply the load
 * of a store that is in trouble already. Begins empty: the bound holds at every moment. Any thread,
 * one at a time, O(1).
 */
final class RetryBudget {
  private static final int PRICE = 100;

  /** What a quiet time saves up for a burst. */
  private static final int MOST_SAVED = 3 * PRICE;

  private final int earnedPerCall;
  private int credit;

  RetryBudget(int extraTriesPercent) {
    this.earnedPerCall = extraTriesPercent;
  }

  synchronized void earn() {
    credit = Math.min(MOST_SAVED, credit + earnedPerCall);
  }

  /** True: make one extra try. */
  synchronized boolean spend() {
    if (credit < PRICE) {
      return false;
    }
    credit -= PRICE;
    return true;
  }
}
