package io.kveik.server.data;

import io.kveik.server.runtime.Clock;
import java.util.concurrent.TimeUnit;

/**
 * When a blocking read or write must be over. Blocking channels know no timeouts: a sweep looks at
 * this and closes the channel. One thread arms it, any may look.
 */
final class IoDeadline {
  private static final long NONE = 0;

  private final Clock clock;
  private volatile long atNanos = NONE;

  IoDeadline(Clock clock) {
    this.clock = clock;
  }

  void arm(long millis) {
    // The lowest bit keeps a real time apart from NONE.
    atNanos = clock.nanoTime() + TimeUnit.MILLISECONDS.toNanos(millis) | 1;
  }

  void disarm() {
    atNanos = NONE;
  }

  boolean passed() {
    long at = atNanos;
    return at != NONE && clock.nanoTime() - at > 0;
  }
}
