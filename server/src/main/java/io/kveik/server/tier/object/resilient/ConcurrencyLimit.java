package io.kveik.server.tier.object.resilient;

import io.kveik.server.runtime.Clock;
import java.util.ArrayDeque;
import org.jspecify.annotations.Nullable;

/**
 * How many calls an account gets at a time: one more for each round of successes, a third fewer
 * when the store says that it is too many (additive increase, multiplicative decrease, as TCP does
 * it: Chiu and Jain 1989). Calls beyond it wait in line, and a bounded number of them.
 *
 * <p>Any thread; O(1) but for leaving the line early. What is granted runs on the thread of whoever
 * gave its place up.
 */
final class ConcurrencyLimit {
  private static final double DECREASE = 0.7;

  /** Throttlings within one such time are one event: they were sent under the same limit. */
  private static final long EVENT_NANOS = 100_000_000;

  /** A place, or one in the line for it. */
  static final class Place {
    private final Runnable granted;

    private Place(Runnable granted) {
      this.granted = granted;
    }
  }

  private final int min;
  private final int max;
  private final int maxWaiting;
  private final Clock clock;
  private final ArrayDeque<Place> line = new ArrayDeque<>();
  private double limit;
  private int taken;
  private long decreasedNanos;

  ConcurrencyLimit(int min, int max, int maxWaiting, Clock clock) {
    this.min = Math.min(min, max);
    this.max = max;
    this.maxWaiting = maxWaiting;
    this.clock = clock;
    this.limit = max;
    this.decreasedNanos = clock.nanoTime() - EVENT_NANOS;
  }

  /**
   * Takes a place, at once or once there is one.
   *
   * @param granted run then, perhaps before the return
   * @return to be given to {@link #leave} once, whether or not it was granted; null when too many
   *     wait: it will not be granted
   */
  @Nullable Place enter(Runnable granted) {
    Place place = new Place(granted);
    synchronized (this) {
      if (taken >= (int) limit) {
        if (line.size() >= maxWaiting) {
          return null;
        }
        line.add(place);
        return place;
      }
      taken++;
    }
    granted.run();
    return place;
  }

  /** Gives a place up, or the wait for it. */
  void leave(Place place) {
    Place next;
    synchronized (this) {
      if (line.remove(place)) {
        return;
      }
      taken--;
      next = nextGranted();
    }
    if (next != null) {
      next.granted.run();
    }
  }

  void succeeded() {
    Place next;
    synchronized (this) {
      limit = Math.min(max, limit + 1 / limit);
      next = nextGranted();
    }
    if (next != null) {
      next.granted.run();
    }
  }

  synchronized void throttled() {
    long now = clock.nanoTime();
    if (now - decreasedNanos >= EVENT_NANOS) {
      decreasedNanos = now;
      limit = Math.max(min, limit * DECREASE);
    }
  }

  /** Calls at a time now. */
  synchronized int current() {
    return (int) limit;
  }

  private @Nullable Place nextGranted() {
    if (taken >= (int) limit || line.isEmpty()) {
      return null;
    }
    taken++;
    return line.remove();
  }
}
