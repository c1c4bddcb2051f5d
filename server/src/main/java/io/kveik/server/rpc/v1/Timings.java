package io.kveik.server.rpc.v1;

import io.kveik.wire.v1.ServerMetrics;

/** Turns measured nanoseconds into the wire's server metrics. */
final class Timings {
  private static final long NANOS_PER_MICRO = 1_000;

  private Timings() {}

  static ServerMetrics of(long storageNanos, long totalNanos) {
    long storage = Math.min(storageNanos, totalNanos) / NANOS_PER_MICRO;
    long total = totalNanos / NANOS_PER_MICRO;
    return ServerMetrics.newBuilder()
        .setStorageLatencyUs(storage)
        .setTotalLatencyUs(total)
        .setOverheadUs(total - storage)
        .build();
  }
}
