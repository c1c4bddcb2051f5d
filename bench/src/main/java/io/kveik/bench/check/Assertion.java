package io.kveik.bench.check;

import io.kveik.bench.contest.BenchResult;
import io.kveik.bench.contest.OperatingPoint;
import io.kveik.bench.contest.OperationFigures;
import io.kveik.bench.contest.Ratio;
import io.kveik.bench.report.Operation;
import java.util.Collection;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;

/**
 * What a figure of the measured store has to be, at every operating point or at one.
 *
 * @param text as the user wrote it
 * @param operation that it is about; empty for all together
 * @param metric that it is about
 * @param other the contender of a ratio; else empty
 * @param concurrency of the only point it is about; empty for all
 * @param comparison that has to hold
 * @param bound in the unit of figures
 */
public record Assertion(
    String text,
    Optional<Operation> operation,
    Metric metric,
    String other,
    OptionalInt concurrency,
    Comparison comparison,
    double bound) {
  /**
   * Reads one.
   *
   * @throws IllegalArgumentException when it is none; names the position
   */
  public static Assertion parse(String text) {
    return new AssertionParser(text).parse();
  }

  /**
   * Refuses an assertion on what a run does not measure.
   *
   * @param operations of the run
   * @param others names of its contenders but for the measured store
   * @param concurrencies of its points
   * @throws IllegalArgumentException with a message for the user
   */
  public void check(
      Collection<Operation> operations,
      Collection<String> others,
      Collection<Integer> concurrencies) {
    if (operation.isPresent() && !operations.contains(operation.get())) {
      throw cant("this run has no " + operation.get().key());
    }
    if (metric == Metric.RATIO && !others.contains(other)) {
      throw cant(
          others.isEmpty()
              ? "this run has nothing to compare with; give --against or --limits"
              : "this run compares with %s only".formatted(String.join(", ", others)));
    }
    if (concurrency.isPresent() && !concurrencies.contains(concurrency.getAsInt())) {
      throw cant("this run has no point with a concurrency of " + concurrency.getAsInt());
    }
  }

  /** Judges figures: the worst of the points counts. */
  public Verdict judge(BenchResult result) {
    OptionalDouble worst = OptionalDouble.empty();
    int worstConcurrency = 0;
    for (OperatingPoint point : result.subject().points()) {
      int clients = point.point().concurrency();
      OptionalDouble figure =
          concurrency.isEmpty() || concurrency.getAsInt() == clients
              ? figure(point, result.ratios())
              : OptionalDouble.empty();
      if (figure.isPresent()
          && (worst.isEmpty()
              || comparison.isWorse(figure.getAsDouble(), worst.getAsDouble(), bound))) {
        worst = figure;
        worstConcurrency = clients;
      }
    }
    if (worst.isEmpty()) {
      return new Verdict(text, false, "not measured");
    }
    return new Verdict(
        text,
        comparison.holds(worst.getAsDouble(), bound),
        "%s at C=%d".formatted(metric.unit().show(worst.getAsDouble()), worstConcurrency));
  }

  private OptionalDouble figure(OperatingPoint point, List<Ratio> ratios) {
    return switch (metric) {
      case P50 -> OptionalDouble.of(operationOf(point).p50());
      case P90 -> OptionalDouble.of(operationOf(point).p90());
      case P99 -> OptionalDouble.of(operationOf(point).p99());
      case P999 -> OptionalDouble.of(operationOf(point).p999());
      case MAX -> OptionalDouble.of(operationOf(point).max());
      case THROUGHPUT ->
          OptionalDouble.of(
              operation.isPresent()
                  ? operationOf(point).gigabytesPerSecond()
                  : point.gigabytesPerSecond());
      case TPS -> OptionalDouble.of(point.iterationsPerSecond());
      case CPU_PER_GB -> point.serverCpuSecondsPerGigabyte();
      case ERRORS ->
          OptionalDouble.of(
              (double)
                  (operation.isPresent() ? operationOf(point).errors() : point.counts().errors()));
      case RATIO ->
          ratios.stream()
              .filter(r -> r.to().equals(other) && r.concurrency() == point.point().concurrency())
              .mapToDouble(Ratio::throughput)
              .findFirst();
    };
  }

  private OperationFigures operationOf(OperatingPoint point) {
    return Objects.requireNonNull(point.operations().get(operation.orElseThrow()));
  }

  private IllegalArgumentException cant(String why) {
    return new IllegalArgumentException("--assert '%s': %s".formatted(text, why));
  }
}
