package io.kveik.bench.capacity;

/**
 * Latencies that a server may have at most, microseconds; infinite where there is no bound.
 *
 * @param readP50 of reads
 * @param readP99 of reads
 * @param lookupP50 of lookups
 * @param lookupP99 of lookups
 */
public record LatencyBounds(double readP50, double readP99, double lookupP50, double lookupP99) {
  /** Whether a server keeps them at that point. */
  boolean keptAt(ServerPoint point) {
    return point.readP50Micros() <= readP50
        && point.readP99Micros() <= readP99
        && point.lookupP50Micros() <= lookupP50
        && point.lookupP99Micros() <= lookupP99;
  }
}
