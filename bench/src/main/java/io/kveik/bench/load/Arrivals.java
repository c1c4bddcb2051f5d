package io.kveik.bench.load;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/**
 * When the calls of an open loop are due: evenly spaced, whatever becomes of them. A call that
 * finds no free client is late, and its lateness is part of its latency. Thread-safe.
 */
final class Arrivals {
  /** No call is due any more. */
  static final long NONE = Long.MIN_VALUE;

  private final long startNanos;
  private final double nanosBetween;
  private final long count;
  private final AtomicLong taken = new AtomicLong();

  /**
   * @param startNanos {@link System#nanoTime()} of the first call
   * @param durationNanos calls are due for so long
   */
  Arrivals(long startNanos, long durationNanos, double ratePerSecond) {
    this.startNanos = startNanos;
    this.nanosBetween = TimeUnit.SECONDS.toNanos(1) / ratePerSecond;
    this.count = (long) Math.ceil(durationNanos / nanosBetween);
  }

  /** How many calls are due in all. */
  long count() {
    return count;
  }

  /** Takes the next call: its {@link System#nanoTime()}, or {@link #NONE}. */
  long take() {
    long index = taken.getAndIncrement();
    return index >= count ? NONE : startNanos + (long) (index * nanosBetween);
  }
}
