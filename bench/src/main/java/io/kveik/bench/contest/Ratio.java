package io.kveik.bench.contest;

import io.kveik.bench.peer.Contender;
import io.kveik.bench.report.Operation;
import java.util.OptionalDouble;

/**
 * The measured store's figures at one point, each divided by those of another contender.
 *
 * @param to name of the other one
 * @param role of the other one
 * @param concurrency of the point
 * @param throughput calls per second; higher is better
 * @param latencyOf the operation that the latencies are of
 * @param p50 lower is better
 * @param p99 lower is better
 * @param cpuPerGigabyte of the servers; lower is better; empty where either is not known
 */
public record Ratio(
    String to,
    Contender.Role role,
    int concurrency,
    double throughput,
    Operation latencyOf,
    double p50,
    double p99,
    OptionalDouble cpuPerGigabyte) {
  /** Divides. */
  @SuppressWarnings("NullAway") // Points of one run have the same operations.
  static Ratio of(OperatingPoint subject, StoreFigures other, OperatingPoint others) {
    Operation main = subject.mainOperation();
    OperationFigures own = subject.operations().get(main);
    OperationFigures theirs = others.operations().get(main);
    OptionalDouble ownCpu = subject.serverCpuSecondsPerGigabyte();
    OptionalDouble theirCpu = others.serverCpuSecondsPerGigabyte();
    return new Ratio(
        other.name(),
        other.role(),
        subject.point().concurrency(),
        divide(subject.callsPerSecond(), others.callsPerSecond()),
        main,
        divide(own.p50(), theirs.p50()),
        divide(own.p99(), theirs.p99()),
        ownCpu.isPresent() && theirCpu.isPresent() && theirCpu.getAsDouble() > 0
            ? OptionalDouble.of(ownCpu.getAsDouble() / theirCpu.getAsDouble())
            : OptionalDouble.empty());
  }

  private static double divide(double own, double theirs) {
    return theirs == 0 ? 0 : own / theirs;
  }
}
