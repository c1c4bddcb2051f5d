package io.kveik.server.tier.object.resilient;

import io.kveik.server.runtime.Clock;
import java.util.function.LongUnaryOperator;

/**
 * Keeps calls from an account that only fails. Open, it lets one call through each time its pause
 * is over; a success closes it, a failure doubles the pause. Nothing has to be handed back: a trial
 * that is never heard of again is followed by the next.
 *
 * <p>Any thread, one at a time, O(1).
 */
final class CircuitBreaker {
  private static final long NANOS_PER_MILLI = 1_000_000;

  private final ResilienceOptions.Breaker options;
  private final Clock clock;
  private final LongUnaryOperator random;
  private int failuresInARow;
  private long silentSinceNanos;
  private long lastSuccessNanos;
  private boolean open;
  private long pauseMillis;
  private long trialAtNanos;
  private boolean onTrial;
  private long trialStartedNanos;

  /**
   * @param random a number from 0 to below its argument, so that servers don't try in step
   */
  CircuitBreaker(ResilienceOptions.Breaker options, Clock clock, LongUnaryOperator random) {
    this.options = options;
    this.clock = clock;
    this.random = random;
    this.lastSuccessNanos = clock.nanoTime();
  }

  /** False: leave the account alone. True while open: this call is the trial. */
  synchronized boolean admits() {
    if (!open) {
      return true;
    }
    if (!trialDue()) {
      return false;
    }
    onTrial = true;
    trialStartedNanos = clock.nanoTime();
    schedule();
    return true;
  }

  /** Whether {@link #admits} would say yes; takes no trial. */
  synchronized boolean wouldAdmit() {
    return !open || trialDue();
  }

  synchronized boolean isOpen() {
    return open;
  }

  /** True when this closed it. */
  synchronized boolean succeeded() {
    failuresInARow = 0;
    lastSuccessNanos = clock.nanoTime();
    boolean closed = open;
    open = false;
    return closed;
  }

  /**
   * Counts a failed try.
   *
   * @param startedNanos when the try began: silence counts from there, so that an account which
   *     lets everything time out is found out as soon as one that answers with errors
   * @return true when this opened it
   */
  synchronized boolean failed(long startedNanos) {
    long silentSince = startedNanos - lastSuccessNanos < 0 ? lastSuccessNanos : startedNanos;
    if (failuresInARow == 0 || silentSince - silentSinceNanos < 0) {
      silentSinceNanos = silentSince;
    }
    failuresInARow++;
    if (open) {
      // What was under way when it opened says nothing new.
      if (onTrial && startedNanos - trialStartedNanos >= 0) {
        onTrial = false;
        pauseMillis = Math.min(2 * pauseMillis, options.pauseMaxMillis());
        schedule();
      }
      return false;
    }
    boolean silent =
        failuresInARow >= ResilienceOptions.Breaker.FEW_FAILURES
            && clock.nanoTime() - silentSinceNanos >= options.silenceMillis() * NANOS_PER_MILLI;
    if (failuresInARow < options.failures() && !silent) {
      return false;
    }
    open = true;
    onTrial = false;
    pauseMillis = options.pauseMillis();
    schedule();
    return true;
  }

  private boolean trialDue() {
    return clock.nanoTime() - trialAtNanos >= 0;
  }

  /** The next trial comes after half the pause and a random part of the other half. */
  private void schedule() {
    long half = Math.max(1, pauseMillis / 2);
    trialAtNanos = clock.nanoTime() + (half + random.applyAsLong(half)) * NANOS_PER_MILLI;
  }
}
