package io.kveik.server.cache;

import io.kveik.server.runtime.Clock;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;

/**
 * A circuit breaker for one tier: {@value #FAILURES_TO_OPEN} failures in a row take it out of every
 * path; after the retry time one call at a time tries it again, and a success brings it back. A
 * shared tier has breakers of its own, one per account, so of that failures are only counted. Any
 * thread, lock-free.
 */
final class TierHealth {
  static final int FAILURES_TO_OPEN = 3;
  private static final int NEVER = Integer.MAX_VALUE;

  private final Clock clock;
  private final long retryNanos;
  private final int failuresToOpen;
  private final AtomicInteger failuresInARow = new AtomicInteger();
  private final LongAdder failures = new LongAdder();
  private volatile long retryAtNanos;

  TierHealth(Clock clock, long retryMillis, boolean opens) {
    this.clock = clock;
    this.failuresToOpen = opens ? FAILURES_TO_OPEN : NEVER;
    this.retryNanos = retryMillis * 1_000_000;
  }

  /** False: don't ask the tier now. True may also mean: this call is the trial. */
  boolean admits() {
    if (!down()) {
      return true;
    }
    long now = clock.nanoTime();
    if (now - retryAtNanos < 0) {
      return false;
    }
    retryAtNanos = now + retryNanos;
    return true;
  }

  boolean down() {
    return failuresInARow.get() >= failuresToOpen;
  }

  void succeeded() {
    if (failuresInARow.get() != 0) {
      failuresInARow.set(0);
    }
  }

  void failed() {
    failures.increment();
    retryAtNanos = clock.nanoTime() + retryNanos;
    failuresInARow.incrementAndGet();
  }

  long failureCount() {
    return failures.sum();
  }
}
