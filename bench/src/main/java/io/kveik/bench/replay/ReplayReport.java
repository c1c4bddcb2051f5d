package io.kveik.bench.replay;

import com.google.gson.JsonObject;
import io.kveik.bench.endpoint.RunFigures;
import io.kveik.bench.report.Style;
import io.kveik.bench.trace.TraceRequest;
import io.kveik.server.cli.Terminal;
import java.util.Locale;

/** Tells what came of a replay, to people and to programs. */
public final class ReplayReport {
  private final ReplayResult result;
  private final ReplayTotals totals;
  private final String target;
  private final RunFigures figures;

  /**
   * @param target what server it was
   * @param figures what client and server used
   */
  public ReplayReport(ReplayResult result, String target, RunFigures figures) {
    this.result = result;
    this.totals = result.totals();
    this.target = target;
    this.figures = figures;
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
        .ifPresent(failure ->
            out.append(style.bad("failed: " + Terminal.safe(String.valueOf(failure.getMessage()))))
                .append('\n'));
    out.append('\n');
    line(
        out,
        "block hit ratio",
        "%.2f %%: %,d of %,d ids of %d tokens; a store that forgets nothing would hit %,d of %,d"
            .formatted(
                100 * result.blockHitRatio(),
                totals.hits.sum(),
                totals.accesses.sum(),
                TraceRequest.TOKENS_PER_ID,
                result.index().unboundedHits(),
                result.index().accesses()));
    line(
        out,
        "request hit ratio",
        "%.2f %%: %,d of %,d requests found something"
            .formatted(
                100 * result.requestHitRatio(), totals.requestsHit.sum(), totals.requests.sum()));
    line(
        out,
        "prompt tokens",
        "%,d restored, %,d left to compute"
            .formatted(totals.tokensRestored.sum(), totals.tokensComputed.sum()));
    String wrong =
        "%,d, in %,d blocks".formatted(totals.wrongBytes.sum(), totals.wrongBlocks.sum());
    line(out, "wrong bytes", totals.anyWrong() ? style.bad(wrong) : style.good("0"));
    line(
        out,
        "misses after lookup",
        "%,d blocks had gone before they were read".formatted(totals.readMisses.sum()));
    line(
        out,
        "failed calls",
        "%,d lookups, %,d read streams, %,d writes"
            .formatted(
                totals.failedLookups.sum(), totals.failedReads.sum(), totals.failedWrites.sum()));
    line(
        out,
        "short acks",
        "%,d writes were acknowledged below the level asked for".formatted(totals.shortAcks.sum()));
    line(
        out,
        "throughput",
        "%,.1f requests/s, %,.0f blocks/s, read %.3f GB/s, write %.3f GB/s"
            .formatted(
                result.requestsPerSecond(),
                result.blocksPerSecond(),
                result.readGigabytesPerSecond(),
                result.writeGigabytesPerSecond()));
    if (result.plan().speed() > 0) {
      line(out, "behind schedule", "%.3f s at worst".formatted(totals.maxLateNanos.get() / 1e9));
    }
    line(out, "used", figures.describe());
    out.append('\n').append(result.latencies().toTable().render(style));
    return out.toString();
  }

  /** The report as one object; latencies in microseconds, memory in bytes. */
  public JsonObject toJson() {
    JsonObject json = new JsonObject();
    json.addProperty("trace", String.valueOf(result.plan().trace().getFileName()));
    json.addProperty("target", target);
    json.add("plan", planToJson());
    json.addProperty("complete", result.isComplete());
    result.failure().ifPresent(e -> json.addProperty("failure", String.valueOf(e.getMessage())));
    json.addProperty("requests", totals.requests.sum());
    json.addProperty("accesses", totals.accesses.sum());
    json.addProperty("hits", totals.hits.sum());
    json.addProperty("uniqueIds", result.index().uniqueIds());
    json.addProperty("unboundedHits", result.index().unboundedHits());
    json.addProperty("blockHitRatio", result.blockHitRatio());
    json.addProperty("requestHitRatio", result.requestHitRatio());
    json.addProperty("tokensRestored", totals.tokensRestored.sum());
    json.addProperty("tokensComputed", totals.tokensComputed.sum());
    json.addProperty("wrongBytes", totals.wrongBytes.sum());
    json.addProperty("wrongBlocks", totals.wrongBlocks.sum());
    json.addProperty("readMisses", totals.readMisses.sum());
    json.addProperty("failedLookups", totals.failedLookups.sum());
    json.addProperty("failedReads", totals.failedReads.sum());
    json.addProperty("failedWrites", totals.failedWrites.sum());
    json.addProperty("blocksRead", totals.blocksRead.sum());
    json.addProperty("blocksWritten", totals.blocksWritten.sum());
    json.addProperty("alreadyPresent", totals.alreadyPresent.sum());
    json.addProperty("shortAcks", totals.shortAcks.sum());
    json.addProperty("seconds", result.seconds());
    json.addProperty("maxLateSeconds", totals.maxLateNanos.get() / 1e9);
    json.add("throughput", throughputToJson());
    json.add("latencyMicros", result.latencies().toJson());
    json.add("memory", figures.memoryToJson());
    json.addProperty("serverCpuSeconds", figures.serverCpuTime().toNanos() / 1e9);
    return json;
  }

  private JsonObject planToJson() {
    ReplayPlan plan = result.plan();
    JsonObject json = new JsonObject();
    json.addProperty("blockBytes", plan.blockBytes());
    json.addProperty("clients", plan.clients());
    json.addProperty("writeWindow", plan.writeWindow());
    json.addProperty("speed", plan.speed());
    json.addProperty("ack", plan.ack().name().toLowerCase(Locale.ROOT));
    json.addProperty("resource", plan.scope().resource());
    json.addProperty("container", plan.scope().container());
    json.addProperty("partition", plan.scope().partition());
    return json;
  }

  private JsonObject throughputToJson() {
    JsonObject json = new JsonObject();
    json.addProperty("requestsPerSecond", result.requestsPerSecond());
    json.addProperty("blocksPerSecond", result.blocksPerSecond());
    json.addProperty("readGigabytesPerSecond", result.readGigabytesPerSecond());
    json.addProperty("writeGigabytesPerSecond", result.writeGigabytesPerSecond());
    return json;
  }

  private String title() {
    return "%s: %,d requests in %.1f s against %s"
        .formatted(
            Terminal.safe(String.valueOf(result.plan().trace().getFileName())),
            totals.requests.sum(),
            result.seconds(),
            Terminal.safe(target));
  }

  private static void line(StringBuilder out, String label, String text) {
    out.append("%-20s %s%n".formatted(label, text));
  }
}
