package io.kveik.bench.load;

import com.google.gson.JsonObject;
import io.kveik.bench.report.Latencies;
import io.kveik.bench.report.Style;
import io.kveik.bench.report.Table;
import io.kveik.server.cli.Terminal;
import java.util.List;
import java.util.Locale;

/** Tells what came of a load run, to people and to programs. */
public final class LoadReport {
  private static final String CSV_HEADER =
      "bench,operation,blockBytes,blocks,chain,concurrency,seconds,count,opsPerSecond,"
          + "gigabytesPerSecond,errors,p50Micros,p90Micros,p99Micros,p999Micros,maxMicros,"
          + "serverCpuSecondsPerGigabyte,serverResidentBytes\n";

  private final LoadResult result;
  private final LoadPlan plan;
  private final LoadTotals totals;
  private final String target;

  /**
   * @param target what server it was
   */
  public LoadReport(LoadResult result, String target) {
    this.result = result;
    this.plan = result.plan();
    this.totals = result.totals();
    this.target = target;
  }

  /** The report as lines. */
  public String toText(Style style) {
    StringBuilder out = new StringBuilder();
    out.append(style.heading(title())).append('\n');
    if (!result.isComplete()) {
      out.append(style.bad("ended early; these are the figures so far")).append('\n');
    }
    result
        .failure()
        .ifPresent(e ->
            out.append(style.bad("failed: " + Terminal.safe(String.valueOf(e.getMessage()))))
                .append('\n'));
    out.append('\n').append(partsTable().render(style)).append('\n');
    out.append(result.latencies().toTable().render(style)).append('\n');
    long wrong = totals.wrongBlocks.sum();
    line(out, "wrong blocks", wrong > 0 ? style.bad("%,d".formatted(wrong)) : style.good("0"));
    line(out, "misses", "%,d blocks were not there any more".formatted(totals.misses.sum()));
    if (plan.mix().steps().contains(Mix.Step.WRITE)) {
      line(
          out,
          "short acks",
          "%,d writes were acknowledged below the level asked for"
              .formatted(totals.shortAcks.sum()));
    }
    result
        .serverCpuSecondsPerGigabyte()
        .ifPresent(cpu -> line(out, "server CPU", "%.3f s per GB".formatted(cpu)));
    line(out, "used", result.figures().describe());
    return out.toString();
  }

  /** The report as one object; latencies in microseconds, memory in bytes. */
  public JsonObject toJson() {
    JsonObject json = new JsonObject();
    json.addProperty("bench", plan.mix().key());
    json.addProperty("target", target);
    json.add("plan", planToJson());
    json.addProperty("complete", result.isComplete());
    result.failure().ifPresent(e -> json.addProperty("failure", String.valueOf(e.getMessage())));
    json.addProperty("seconds", result.seconds());
    json.addProperty("opsPerSecond", result.operationsPerSecond());
    json.addProperty("gigabytesPerSecond", result.gigabytesPerSecond());
    json.addProperty("errors", totals.errors());
    json.add("operations", partsToJson());
    json.addProperty("blocksRead", totals.blocksRead.sum());
    json.addProperty("blocksWritten", totals.blocksWritten.sum());
    json.addProperty("alreadyPresent", totals.alreadyPresent.sum());
    json.addProperty("shortAcks", totals.shortAcks.sum());
    json.addProperty("misses", totals.misses.sum());
    json.addProperty("wrongBlocks", totals.wrongBlocks.sum());
    json.add("latencyMicros", result.latencies().toJson());
    json.add("memory", result.figures().memoryToJson());
    if (result.figures().server().isPresent()) {
      json.addProperty("serverCpuSeconds", result.figures().serverCpuTime().toNanos() / 1e9);
    }
    result
        .serverCpuSecondsPerGigabyte()
        .ifPresent(cpu -> json.addProperty("serverCpuSecondsPerGigabyte", cpu));
    return json;
  }

  /** A header, and a line per operation; what is not known is empty. */
  public String toCsv() {
    StringBuilder out = new StringBuilder(CSV_HEADER);
    String cpu = result.serverCpuSecondsPerGigabyte().map(LoadReport::number).orElse("");
    String resident =
        result.figures().server().map(s -> String.valueOf(s.residentBytes())).orElse("");
    Latencies latencies = result.latencies();
    for (LoadResult.Part part : result.parts()) {
      out.append(
              String.join(
                  ",",
                  plan.mix().key(),
                  part.operation().key(),
                  String.valueOf(plan.blockBytes()),
                  String.valueOf(plan.workingBlocks()),
                  String.valueOf(plan.chain()),
                  String.valueOf(plan.concurrency()),
                  number(result.seconds()),
                  String.valueOf(part.count()),
                  number(part.perSecond()),
                  number(part.gigabytesPerSecond()),
                  String.valueOf(part.errors()),
                  number(latencies.percentileMicros(part.operation(), 50)),
                  number(latencies.percentileMicros(part.operation(), 90)),
                  number(latencies.percentileMicros(part.operation(), 99)),
                  number(latencies.percentileMicros(part.operation(), 99.9)),
                  number(latencies.percentileMicros(part.operation(), 100)),
                  cpu,
                  resident))
          .append('\n');
    }
    return out.toString();
  }

  private Table partsTable() {
    Table table = new Table(List.of("operation", "count", "ops/s", "GB/s", "errors"));
    for (LoadResult.Part part : result.parts()) {
      table.row(
          part.operation().title(),
          "%,d".formatted(part.count()),
          "%,.1f".formatted(part.perSecond()),
          "%.3f".formatted(part.gigabytesPerSecond()),
          "%,d".formatted(part.errors()));
    }
    return table;
  }

  private JsonObject partsToJson() {
    JsonObject json = new JsonObject();
    for (LoadResult.Part part : result.parts()) {
      JsonObject one = new JsonObject();
      one.addProperty("count", part.count());
      one.addProperty("opsPerSecond", part.perSecond());
      one.addProperty("gigabytesPerSecond", part.gigabytesPerSecond());
      one.addProperty("errors", part.errors());
      json.add(part.operation().key(), one);
    }
    return json;
  }

  private JsonObject planToJson() {
    JsonObject json = new JsonObject();
    json.addProperty("blockBytes", plan.blockBytes());
    json.addProperty("blocks", plan.workingBlocks());
    json.addProperty("chain", plan.chain());
    json.addProperty("concurrency", plan.concurrency());
    json.addProperty("warmupSeconds", plan.warmupSeconds());
    json.addProperty("seconds", plan.seconds());
    json.addProperty("streaming", plan.streaming());
    json.addProperty("ack", plan.ack().name().toLowerCase(Locale.ROOT));
    json.addProperty("resource", plan.scope().resource());
    json.addProperty("container", plan.scope().container());
    json.addProperty("partition", plan.scope().partition());
    return json;
  }

  private String title() {
    return "%s: %,d blocks of %,d bytes, %d clients, %.1f s against %s"
        .formatted(
            plan.mix().key(),
            plan.workingBlocks(),
            plan.blockBytes(),
            plan.concurrency(),
            result.seconds(),
            Terminal.safe(target));
  }

  private static String number(double value) {
    return String.format(Locale.ROOT, "%.3f", value);
  }

  private static void line(StringBuilder out, String label, String text) {
    out.append("%-14s %s%n".formatted(label, text));
  }
}
