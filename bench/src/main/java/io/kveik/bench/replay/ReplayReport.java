package io.kveik.bench.replay;

import com.google.gson.JsonObject;
import io.kveik.bench.endpoint.RunFigures;
import io.kveik.bench.report.ReportText;
import io.kveik.bench.report.RunJson;
import io.kveik.bench.report.Style;
import io.kveik.bench.trace.TraceRequest;
import java.util.Locale;
import java.util.Optional;

/** Tells what came of a replay, to people and to programs. */
public final class ReplayReport {
  private static final int LABEL_CHARS = 20;

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
    ReportText out = new ReportText(style, LABEL_CHARS);
    out.head(title(), result.isComplete(), failure());
    out.line(
        "block hit ratio",
        "%.2f %%: %,d of %,d ids of %d tokens; a store that forgets nothing would hit %,d of %,d"
            .formatted(
                100 * result.blockHitRatio(),
                totals.hits.sum(),
                totals.accesses.sum(),
                TraceRequest.TOKENS_PER_ID,
                result.index().unboundedHits(),
                result.index().accesses()));
    out.line(
        "request hit ratio",
        "%.2f %%: %,d of %,d requests found something"
            .formatted(
                100 * result.requestHitRatio(), totals.requestsHit.sum(), totals.requests.sum()));
    out.line(
        "prompt tokens",
        "%,d restored, %,d left to compute"
            .formatted(totals.tokensRestored.sum(), totals.tokensComputed.sum()));
    String wrong =
        "%,d, in %,d blocks".formatted(totals.wrongBytes.sum(), totals.wrongBlocks.sum());
    out.countOfBad("wrong bytes", totals.wrongBytes.sum() + totals.wrongBlocks.sum(), wrong);
    out.line(
        "misses after lookup",
        "%,d blocks had gone before they were read".formatted(totals.readMisses.sum()));
    out.line(
        "failed calls",
        "%,d lookups, %,d read streams, %,d writes, %,d hints"
            .formatted(
                totals.failedLookups.sum(),
                totals.failedReads.sum(),
                totals.failedWrites.sum(),
                totals.failedHints.sum()));
    out.line(
        "short acks",
        "%,d writes were acknowledged below the level asked for".formatted(totals.shortAcks.sum()));
    out.line(
        "throughput",
        "%,.1f requests/s, %,.0f blocks/s, read %.3f GB/s, write %.3f GB/s"
            .formatted(
                result.requestsPerSecond(),
                result.blocksPerSecond(),
                result.readGigabytesPerSecond(),
                result.writeGigabytesPerSecond()));
    if (result.plan().speed() > 0) {
      out.line("behind schedule", "%.3f s at worst".formatted(totals.maxLateNanos.get() / 1e9));
    }
    out.line("used", figures.describe());
    out.section("Latencies");
    out.table(result.latencies().toTable());
    return out.toString();
  }

  /** The report as one object; latencies in microseconds, memory in bytes. */
  public JsonObject toJson() {
    JsonObject json = new JsonObject();
    json.addProperty("trace", String.valueOf(result.plan().trace().getFileName()));
    json.addProperty("target", target);
    json.add("plan", planToJson());
    RunJson.addOutcome(json, result.isComplete(), failure());
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
    json.addProperty("failedHints", totals.failedHints.sum());
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
    json.addProperty("wire", plan.wire().name().toLowerCase(Locale.ROOT));
    json.addProperty("blockBytes", plan.blockBytes());
    json.addProperty("clients", plan.clients());
    json.addProperty("writeWindow", plan.writeWindow());
    json.addProperty("speed", plan.speed());
    json.addProperty("ack", plan.ack().name().toLowerCase(Locale.ROOT));
    RunJson.addScope(json, plan.scope());
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
            result.plan().trace().getFileName(), totals.requests.sum(), result.seconds(), target);
  }

  private Optional<String> failure() {
    return result.failure().map(e -> String.valueOf(e.getMessage()));
  }
}
