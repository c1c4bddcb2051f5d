package io.kveik.bench.output;

import io.kveik.bench.check.Verdict;
import io.kveik.bench.contest.BenchPlan;
import io.kveik.bench.contest.BenchResult;
import io.kveik.bench.contest.OperatingPoint;
import io.kveik.bench.contest.Ratio;
import io.kveik.bench.contest.StoreFigures;
import io.kveik.bench.load.Counts;
import io.kveik.bench.load.Mix;
import io.kveik.bench.load.Workload;
import io.kveik.bench.peer.Contender;
import io.kveik.bench.report.ByteSizes;
import io.kveik.bench.report.Operation;
import io.kveik.bench.report.ReportText;
import io.kveik.bench.report.Style;
import io.kveik.bench.report.Table;
import io.kveik.server.cli.Terminal;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalDouble;

/** The result as lines for people. Stateless. */
public final class ResultText {
  private static final int LABEL_CHARS = 14;

  private ResultText() {}

  /** The lines. */
  public static String of(BenchResult result, List<Verdict> verdicts, Style style) {
    ReportText out = new ReportText(style, LABEL_CHARS);
    BenchPlan plan = result.plan();
    out.head(title(plan), result.complete(), result.failure());
    for (StoreFigures store : result.stores()) {
      out.line(store.name(), Terminal.safe(store.description()));
    }
    out.section("Throughput and CPU");
    out.table(throughput(result));
    out.section("Latency, microseconds");
    out.table(latency(result));
    if (!result.ratios().isEmpty()) {
      out.section("kveik divided by the other one");
      out.table(ratios(result.ratios()));
    }
    out.section("Checks");
    checks(result, out);
    for (Verdict verdict : verdicts) {
      out.verdict(
          verdict.holds(),
          "assertion",
          "%s: %s, measured %s"
              .formatted(
                  Terminal.safe(verdict.text()),
                  verdict.holds() ? "holds" : "FAILS",
                  verdict.measured()));
    }
    return out.toString();
  }

  private static String title(BenchPlan plan) {
    Workload workload = plan.workload();
    return "%s: %,d blocks of %,d bytes (%s), %d s per point, %d round%s%s"
        .formatted(
            plan.name(),
            workload.workingBlocks(),
            workload.blockBytes(),
            workload.payload().key(),
            plan.seconds(),
            plan.rounds(),
            plan.rounds() == 1 ? "" : "s",
            plan.processes() == 1 ? "" : ", %d client processes".formatted(plan.processes()));
  }

  private static Table throughput(BenchResult result) {
    Table table =
        new Table(
            List.of("store", "C", "TPS", "K tokens/s", "calls/s", "GB/s", "CPU s/GB", "errors"));
    for (StoreFigures store : result.stores()) {
      for (OperatingPoint point : store.points()) {
        OptionalDouble cpu = point.serverCpuSecondsPerGigabyte();
        table.row(
            store.name(),
            String.valueOf(point.point().concurrency()),
            "%,.1f".formatted(point.iterationsPerSecond()),
            "%,.1f".formatted(point.tokensPerSecond() / 1e3),
            "%,.1f".formatted(point.callsPerSecond()),
            "%.3f".formatted(point.gigabytesPerSecond()),
            cpu.isPresent() ? "%.3f".formatted(cpu.getAsDouble()) : "-",
            "%,d".formatted(point.counts().errors()));
      }
    }
    return table;
  }

  private static Table latency(BenchResult result) {
    Table table =
        new Table(List.of("store", "C", "operation", "count", "p50", "p90", "p99", "p99.9", "max"));
    for (StoreFigures store : result.stores()) {
      for (OperatingPoint point : store.points()) {
        point
            .operations()
            .forEach((operation, figures) ->
                table.row(
                    store.name(),
                    String.valueOf(point.point().concurrency()),
                    operation.title(),
                    "%,d".formatted(figures.count()),
                    "%,.0f".formatted(figures.p50()),
                    "%,.0f".formatted(figures.p90()),
                    "%,.0f".formatted(figures.p99()),
                    "%,.0f".formatted(figures.p999()),
                    "%,.0f".formatted(figures.max())));
      }
    }
    return table;
  }

  private static Table ratios(List<Ratio> ratios) {
    Table table = new Table(List.of("to", "C", "throughput", "p50", "p99", "CPU per GB"));
    for (Ratio ratio : ratios) {
      table.row(
          ratio.to() + (ratio.role() == Contender.Role.LIMIT ? " (limit)" : ""),
          String.valueOf(ratio.concurrency()),
          "%.2f".formatted(ratio.throughput()),
          "%.2f".formatted(ratio.p50()),
          "%.2f".formatted(ratio.p99()),
          ratio.cpuPerGigabyte().isPresent()
              ? "%.2f".formatted(ratio.cpuPerGigabyte().getAsDouble())
              : "-");
    }
    return table;
  }

  private static void checks(BenchResult result, ReportText out) {
    Counts counts = result.counts();
    for (StoreFigures store : result.stores()) {
      long wrong = store.points().stream().mapToLong(p -> p.counts().wrongBlocks()).sum();
      if (wrong > 0 || store.role() == Contender.Role.SUBJECT) {
        out.countOfBad("wrong blocks", wrong, "%,d of %s".formatted(wrong, store.name()));
      }
    }
    out.line("misses", "%,d blocks were not there any more".formatted(counts.misses()));
    if (result.plan().workload().operations().contains(Operation.WRITE)) {
      out.line(
          "short acks",
          "%,d writes were acknowledged below the level asked for".formatted(counts.shortAcks()));
    }
    for (String late : ratesNotKept(result)) {
      out.verdict(false, "rate", late);
    }
    result.subject().points().stream()
        .flatMap(point -> point.serverResidentBytes().stream())
        .max(Long::compare)
        .ifPresent(bytes -> out.line("server memory", ByteSizes.format(bytes) + " resident"));
    out.line("client memory", ByteSizes.format(result.client().peakResidentBytes()) + " at most");
    if (result.plan().workload().mix() == Mix.MIXED) {
      double peak =
          result.subject().points().stream()
              .mapToDouble(OperatingPoint::tokensPerSecond)
              .max()
              .orElse(0);
      out.line(
          "tokens", "%,.1f K tokens/s at most; %s".formatted(peak / 1e3, Original.DESCRIPTION));
    }
  }

  private static List<String> ratesNotKept(BenchResult result) {
    List<String> late = new ArrayList<>();
    for (StoreFigures store : result.stores()) {
      for (OperatingPoint point : store.points()) {
        if (!point.keptRate()) {
          late.add(
              "%s did not keep %,.0f calls/s at C=%d: %,.1f calls/s, %,d of %,d calls not made"
                  .formatted(
                      store.name(),
                      point.point().ratePerSecond(),
                      point.point().concurrency(),
                      point.callsPerSecond(),
                      point.counts().unserved(),
                      point.offered()));
        }
      }
    }
    return late;
  }
}
