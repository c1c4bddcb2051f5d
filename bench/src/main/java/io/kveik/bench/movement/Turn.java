package io.kveik.bench.movement;

import org.HdrHistogram.Histogram;

/**
 * One measurement.
 *
 * @param background what went on beside it
 * @param readNanos of the reads that the disk answered
 * @param writtenBytes that background work moved down meanwhile
 * @param seconds that it took
 */
public record Turn(Background background, Histogram readNanos, long writtenBytes, double seconds) {
  /** Microseconds within which that percentage of the reads was answered. */
  public double readMicros(double percentile) {
    return readNanos.getValueAtPercentile(percentile) / 1e3;
  }

  public double writtenBytesPerSecond() {
    return writtenBytes / seconds;
  }

  public double readsPerSecond() {
    return readNanos.getTotalCount() / seconds;
  }
}
