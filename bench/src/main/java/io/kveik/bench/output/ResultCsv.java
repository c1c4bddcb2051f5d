package io.kveik.bench.output;

import io.kveik.bench.contest.BenchPlan;
import io.kveik.bench.contest.BenchResult;
import io.kveik.bench.contest.OperatingPoint;
import io.kveik.bench.contest.OperationFigures;
import io.kveik.bench.contest.StoreFigures;
import io.kveik.bench.report.Operation;
import java.util.List;
import java.util.Locale;

/**
 * The result as CSV: a header, and a line per contender, point and operation. What is not known is
 * empty. Stateless.
 */
public final class ResultCsv {
  private static final List<String> COLUMNS =
      List.of(
          "bench",
          "store",
          "concurrency",
          "rate",
          "operation",
          "blockBytes",
          "blocks",
          "chain",
          "processes",
          "rounds",
          "seconds",
          "iterationsPerSecond",
          "tokensPerSecond",
          "count",
          "opsPerSecond",
          "gigabytesPerSecond",
          "errors",
          "p50Micros",
          "p90Micros",
          "p99Micros",
          "p999Micros",
          "maxMicros",
          "serverCpuSecondsPerGigabyte",
          "serverResidentBytes");

  private ResultCsv() {}

  /** The lines. */
  public static String of(BenchResult result) {
    StringBuilder out = new StringBuilder(String.join(",", COLUMNS)).append('\n');
    for (StoreFigures store : result.stores()) {
      for (OperatingPoint point : store.points()) {
        point
            .operations()
            .forEach((operation, figures) ->
                out.append(
                        String.join(
                            ",", line(result.plan(), store.name(), point, operation, figures)))
                    .append('\n'));
      }
    }
    return out.toString();
  }

  private static List<String> line(
      BenchPlan plan,
      String store,
      OperatingPoint point,
      Operation operation,
      OperationFigures figures) {
    return List.of(
        plan.name(),
        store,
        String.valueOf(point.point().concurrency()),
        point.point().isOpenLoop() ? number(point.point().ratePerSecond()) : "",
        operation.key(),
        String.valueOf(plan.workload().blockBytes()),
        String.valueOf(plan.workload().workingBlocks()),
        String.valueOf(plan.workload().chain()),
        String.valueOf(plan.processes()),
        String.valueOf(point.rounds()),
        number(point.seconds()),
        number(point.iterationsPerSecond()),
        number(point.tokensPerSecond()),
        String.valueOf(figures.count()),
        number(figures.perSecond()),
        number(figures.gigabytesPerSecond()),
        String.valueOf(figures.errors()),
        number(figures.p50()),
        number(figures.p90()),
        number(figures.p99()),
        number(figures.p999()),
        number(figures.max()),
        point.serverCpuSecondsPerGigabyte().stream()
            .mapToObj(ResultCsv::number)
            .findFirst()
            .orElse(""),
        point.serverResidentBytes().map(String::valueOf).orElse(""));
  }

  private static String number(double value) {
    return String.format(Locale.ROOT, "%.3f", value);
  }
}
