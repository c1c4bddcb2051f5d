package io.kveik.client.data;

import java.time.Duration;

/** When a call must be over, on the monotonic clock. */
public record Deadline(long atNanos) {
  private static final long MAX_NANOS = Duration.ofDays(365).toNanos();

  public static Deadline after(Duration time) {
    long nanos = time.compareTo(Duration.ofNanos(MAX_NANOS)) > 0 ? MAX_NANOS : time.toNanos();
    return new Deadline(System.nanoTime() + nanos);
  }

  public long leftNanos() {
    return atNanos - System.nanoTime();
  }

  public boolean passed() {
    return leftNanos() <= 0;
  }

  public Duration left() {
    return Duration.ofNanos(Math.max(0, leftNanos()));
  }

  /** What is left, as a LOAD states it: 1 at least, since 0 would be none. */
  int leftMillis() {
    return Math.clamp(left().toMillis(), 1, Integer.MAX_VALUE);
  }
}
