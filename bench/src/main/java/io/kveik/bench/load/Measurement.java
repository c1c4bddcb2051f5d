package io.kveik.bench.load;

import io.kveik.bench.report.HeatMap;
import io.kveik.bench.report.Latencies;

/**
 * What clients measured of one store in one phase.
 *
 * @param latencies of the calls that succeeded; of an open loop also those that nobody came to
 *     make, with how late they were at the end
 * @param heat the same, over time
 * @param counts what was counted
 * @param elapsedNanos from the start to the end of the last call
 * @param offered calls that were due in an open loop; 0 in a closed one
 */
public record Measurement(
    Latencies latencies, HeatMap heat, Counts counts, long elapsedNanos, long offered) {
  /** Both together, of processes that ran at the same time. This one is used up. */
  public Measurement plus(Measurement other) {
    latencies.add(other.latencies);
    heat.add(other.heat);
    return new Measurement(
        latencies,
        heat,
        counts.plus(other.counts),
        Math.max(elapsedNanos, other.elapsedNanos),
        offered + other.offered);
  }

  /** The same with the wrong blocks of the warm-up before it: what was wrong is never forgotten. */
  public Measurement plusWrong(long wrongBlocks) {
    return new Measurement(latencies, heat, counts.plusWrong(wrongBlocks), elapsedNanos, offered);
  }

  /** How long it took; never 0. */
  public double seconds() {
    return Math.max(1, elapsedNanos) / 1e9;
  }
}
