package io.kveik.bench.contest;

import io.kveik.bench.load.Counts;
import io.kveik.bench.load.Point;
import io.kveik.bench.report.HeatMap;
import io.kveik.bench.report.Operation;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.stream.Stream;

/**
 * What one contender reached at one point. Rates are medians of rounds, counts sums.
 *
 * @param point how hard it was loaded
 * @param rounds how often it was measured
 * @param seconds of all measurements together
 * @param callsPerSecond that succeeded
 * @param iterationsPerSecond rounds of the mix, such as 7 lookups, 6 reads and 3 writes
 * @param tokensPerSecond whose blocks were read or written
 * @param gigabytesPerSecond payload read and written, in 10^9 bytes
 * @param serverCpuSecondsPerGigabyte empty where the server is not known or nothing was moved
 * @param serverResidentBytes at the end of the last round; empty where it is not known
 * @param operations what the mix has
 * @param counts what was counted
 * @param offered calls that were due in an open loop
 * @param heat latencies over the time since the start of a measurement, all rounds on top of each
 *     other
 */
public record OperatingPoint(
    Point point,
    int rounds,
    double seconds,
    double callsPerSecond,
    double iterationsPerSecond,
    double tokensPerSecond,
    double gigabytesPerSecond,
    OptionalDouble serverCpuSecondsPerGigabyte,
    Optional<Long> serverResidentBytes,
    Map<Operation, OperationFigures> operations,
    Counts counts,
    long offered,
    HeatMap heat) {
  /** Fewer calls than this share of what was asked for means that the rate was not kept. */
  private static final double KEPT_SHARE = 0.99;

  /** The operation that a comparison of latencies is about, the first of these that there is. */
  public Operation mainOperation() {
    return Stream.of(Operation.READ_STREAM, Operation.READ_BLOCK, Operation.WRITE)
        .filter(operations::containsKey)
        .findFirst()
        .orElse(Operation.LOOKUP);
  }

  /** Whether an open loop made its calls as fast as they were due; true for a closed one. */
  public boolean keptRate() {
    return !point.isOpenLoop()
        || (counts.unserved() == 0 && callsPerSecond >= KEPT_SHARE * point.ratePerSecond());
  }
}
