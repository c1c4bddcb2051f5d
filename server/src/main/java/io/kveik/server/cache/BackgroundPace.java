package io.kveik.server.cache;

import io.kveik.server.runtime.Clock;

/**
 * When background work on one tier may go on: within its bandwidth, and out of the way of reads
 * that somebody waits for.
 *
 * <p>Bandwidth is a token bucket that may be overdrawn by the last block taken, so that a block
 * larger than the bucket still goes. A tier is <em>busy</em> while a read of it is under way or
 * ended less than the pause ago; background work on a busy tier starts one block at a time, a pause
 * apart: it never stops, so a queue drains however long the reads go on.
 *
 * <p>Any thread; short critical sections, never over I/O.
 */
final class BackgroundPace {
  /** What may be saved up while nothing is to be done, as a part of a second. */
  private static final int BURSTS_PER_SECOND = 10;

  private static final double NANOS_PER_SECOND = 1e9;
  private static final long NANOS_PER_MILLI = 1_000_000;

  private final Clock clock;
  private final double bytesPerNano;
  private final double burstBytes;
  private final long pauseNanos;

  /** Guarded by this, like all below. */
  private double budgetBytes;

  private long refilledNanos;
  private int reads;
  private long lastReadNanos;
  private long lastStartNanos;
  private Runnable onQuiet = () -> {};

  /**
   * @param bytesPerSecond 0: no bound
   * @param pauseMillis 0: takes no notice of reads
   */
  BackgroundPace(long bytesPerSecond, long pauseMillis, Clock clock) {
    this.clock = clock;
    this.bytesPerNano = bytesPerSecond / NANOS_PER_SECOND;
    this.burstBytes = (double) bytesPerSecond / BURSTS_PER_SECOND;
    this.budgetBytes = burstBytes;
    this.pauseNanos = pauseMillis * NANOS_PER_MILLI;
    this.refilledNanos = clock.nanoTime();
    this.lastReadNanos = refilledNanos - pauseNanos;
    this.lastStartNanos = lastReadNanos;
  }

  /** What to call, on the thread of a read that ends, when no other is under way. Set once. */
  synchronized void onQuiet(Runnable action) {
    onQuiet = action;
  }

  synchronized void readBegins() {
    reads++;
  }

  void readEnds() {
    Runnable quiet = null;
    synchronized (this) {
      reads--;
      lastReadNanos = clock.nanoTime();
      if (reads == 0) {
        quiet = onQuiet;
      }
    }
    if (quiet != null) {
      quiet.run();
    }
  }

  /**
   * Takes the right to start one block.
   *
   * @param inProgress blocks of the caller's that have started and not ended
   * @return 0 when it may start now; else nanoseconds after which to ask again, or {@link
   *     Long#MAX_VALUE} when that is to be done once a block of the caller's has ended
   */
  synchronized long tryStart(long bytes, int inProgress) {
    long now = clock.nanoTime();
    long wait = 0;
    if (pauseNanos > 0 && (reads > 0 || now - lastReadNanos < pauseNanos)) {
      if (inProgress > 0) {
        return Long.MAX_VALUE;
      }
      wait = Math.max(0, lastStartNanos + pauseNanos - now);
    }
    if (bytesPerNano > 0) {
      budgetBytes = Math.min(burstBytes, budgetBytes + (now - refilledNanos) * bytesPerNano);
      refilledNanos = now;
      if (budgetBytes < 0) {
        wait = Math.max(wait, (long) Math.ceil(-budgetBytes / bytesPerNano));
      }
    }
    if (wait > 0) {
      return wait;
    }
    if (bytesPerNano > 0) {
      budgetBytes -= bytes;
    }
    lastStartNanos = now;
    return 0;
  }
}
