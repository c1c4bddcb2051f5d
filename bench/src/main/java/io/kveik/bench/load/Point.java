package io.kveik.bench.load;

import io.kveik.bench.run.Bounds;

/**
 * How hard to load.
 *
 * @param concurrency clients, each a thread with a connection of its own
 * @param ratePerSecond calls per second of an open loop, over all clients; 0 is a closed loop
 */
public record Point(int concurrency, double ratePerSecond) {
  /** The most clients. */
  public static final int MAX_CONCURRENCY = 1_024;

  /** The highest rate. */
  public static final double MAX_RATE = 1e7;

  /** Checks the bounds. */
  public Point {
    Bounds.within("concurrency", concurrency, 0, MAX_CONCURRENCY);
    if (!(ratePerSecond >= 0 && ratePerSecond <= MAX_RATE)) {
      throw new IllegalArgumentException(
          "rate is %s, not in 0..%.0f".formatted(ratePerSecond, MAX_RATE));
    }
  }

  /** Whether calls start on a schedule. */
  public boolean isOpenLoop() {
    return ratePerSecond > 0;
  }

  /** The part of one of several processes: clients are dealt out, the rate goes with them. */
  public Point part(int process, int processes) {
    int clients = concurrency / processes + (process < concurrency % processes ? 1 : 0);
    return new Point(clients, concurrency == 0 ? 0 : ratePerSecond * clients / concurrency);
  }
}
