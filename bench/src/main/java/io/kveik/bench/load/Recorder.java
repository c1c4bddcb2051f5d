package io.kveik.bench.load;

import io.kveik.bench.report.HeatMap;
import io.kveik.bench.report.Latencies;
import io.kveik.bench.report.Operation;

/** What the clients of a process record in one phase. Thread-safe. */
final class Recorder {
  final LoadTotals totals = new LoadTotals();
  private final Latencies latencies = new Latencies();
  private final HeatMap heat;
  private final long expectedIntervalNanos;
  private final long startNanos;

  /**
   * @param startNanos {@link System#nanoTime()} of the phase's start
   * @param seconds how long it is to last
   */
  Recorder(Workload workload, long startNanos, long seconds) {
    this.expectedIntervalNanos = workload.expectedIntervalNanos();
    this.startNanos = startNanos;
    this.heat = new HeatMap(HeatMap.columnSeconds(seconds));
  }

  /**
   * Records a call, or a wait, that ends now.
   *
   * @param fromNanos {@link System#nanoTime()} when it began, or was due
   */
  void record(Operation operation, long fromNanos) {
    long nanos = System.nanoTime() - fromNanos;
    latencies.record(operation, nanos, expectedIntervalNanos);
    heat.record(operation, fromNanos - startNanos, nanos);
  }

  /** What was recorded, after so long. */
  Measurement finish(long elapsedNanos, long offered) {
    return new Measurement(latencies, heat, totals.counts(), elapsedNanos, offered);
  }
}
