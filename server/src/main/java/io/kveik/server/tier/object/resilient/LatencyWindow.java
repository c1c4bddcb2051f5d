package io.kveik.server.tier.object.resilient;

import java.util.Arrays;

/**
 * The 95th percentile of the last {@value #SAMPLES} durations, looked at anew every {@value
 * #REFRESH} of them. Any thread, one at a time; O(1) but for the refresh.
 */
final class LatencyWindow {
  static final int SAMPLES = 128;
  static final int REFRESH = 16;
  private static final int FEWEST = 32;
  private static final int PERCENT = 95;

  /** There are too few samples to tell. */
  static final long UNKNOWN = Long.MAX_VALUE;

  private final long[] nanos = new long[SAMPLES];
  private long count;
  private long p95Nanos = UNKNOWN;

  synchronized void add(long durationNanos) {
    nanos[(int) (count++ % SAMPLES)] = durationNanos;
    if (count >= FEWEST && count % REFRESH == 0) {
      long[] sorted = Arrays.copyOf(nanos, (int) Math.min(count, SAMPLES));
      Arrays.sort(sorted);
      p95Nanos = sorted[(sorted.length - 1) * PERCENT / 100];
    }
  }

  synchronized long p95Nanos() {
    return p95Nanos;
  }
}
