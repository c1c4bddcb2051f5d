package io.kveik.server.cache;

import io.kveik.server.runtime.Clock;
import java.util.concurrent.atomic.AtomicLong;

/**
 * The times that blocks are written at: the wall clock's, except that they never go back, so that
 * "written before the deletion" means something however the clock jumps. Any thread.
 */
final class WriteClock {
  private final Clock clock;
  private final AtomicLong latestMillis = new AtomicLong();

  WriteClock(Clock clock) {
    this.clock = clock;
  }

  /** When a block that is written now was written, epoch milliseconds. */
  long stampMillis() {
    return latestMillis.accumulateAndGet(clock.wallMillis(), Math::max);
  }

  /** Takes note of a block from another run of the server. */
  void observe(long writtenAtMillis) {
    latestMillis.accumulateAndGet(writtenAtMillis, Math::max);
  }

  /** Takes note of a {@link #cutOffMillis} of another run: what is written now lies behind it. */
  void observeCutOff(long cutOffMillis) {
    observe(cutOffMillis + 1);
  }

  /** A time that no block written so far lies behind, and every later one does. */
  long cutOffMillis() {
    return latestMillis.updateAndGet(latest -> Math.max(latest, clock.wallMillis()) + 1) - 1;
  }
}
