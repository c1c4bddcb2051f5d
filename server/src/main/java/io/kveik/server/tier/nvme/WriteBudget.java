package io.kveik.server.tier.nvme;

import io.kveik.server.block.BlockKey;
import io.kveik.server.runtime.Clock;

/**
 * Bounds what is written a day, for the sake of the flash: a token bucket that holds an hour's
 * worth. While it is empty a block is let in only when it is offered for the second time, which
 * keeps out what is written once and never asked for again.
 *
 * <p>Any thread; one lock for a few instructions. A ghost is 8 bytes; the newest of those that
 * share a place is remembered.
 */
final class WriteBudget {
  private static final long NANOS_PER_DAY = 24L * 60 * 60 * 1_000_000_000;
  private static final int BURSTS_PER_DAY = 24;

  private final long bytesPerDay;
  private final long burstBytes;
  private final Clock clock;
  private final long[] ghosts;

  // Guarded by this.
  private double available;
  private long refilledNanos;

  /**
   * @param bytesPerDay 0 for no bound
   * @param ghosts blocks to remember
   */
  WriteBudget(long bytesPerDay, int ghosts, Clock clock) {
    this.bytesPerDay = bytesPerDay;
    this.burstBytes = Math.max(1, bytesPerDay / BURSTS_PER_DAY);
    this.clock = clock;
    this.ghosts = new long[bytesPerDay == 0 ? 0 : ghosts];
    this.available = burstBytes;
    this.refilledNanos = clock.nanoTime();
  }

  /** Whether a block may be written; if so, that is counted as spent. */
  synchronized boolean admits(BlockKey key, long bytes) {
    if (bytesPerDay == 0) {
      return true;
    }
    refill();
    if (available <= 0 && !offeredBefore(key)) {
      return false;
    }
    spendTokens(bytes);
    return true;
  }

  /** Counts what is written in any case. */
  synchronized void spend(long bytes) {
    if (bytesPerDay != 0) {
      refill();
      spendTokens(bytes);
    }
  }

  /** Debt is bounded like credit: second offers never shut the door on first ones for long. */
  private void spendTokens(long bytes) {
    available = Math.max(-(double) burstBytes, available - bytes);
  }

  private void refill() {
    long now = clock.nanoTime();
    double earned = (double) bytesPerDay * (now - refilledNanos) / NANOS_PER_DAY;
    available = Math.min((double) burstBytes, available + earned);
    refilledNanos = now;
  }

  private boolean offeredBefore(BlockKey key) {
    int place = (int) Long.remainderUnsigned(key.w2(), ghosts.length);
    boolean known = ghosts[place] == key.w3();
    ghosts[place] = known ? 0 : key.w3();
    return known;
  }
}
