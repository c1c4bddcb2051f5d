package io.kveik.bench.output;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import io.kveik.bench.check.Verdict;
import io.kveik.bench.contest.BenchPlan;
import io.kveik.bench.contest.BenchResult;
import io.kveik.bench.contest.Machine;
import io.kveik.bench.contest.OperatingPoint;
import io.kveik.bench.contest.OperationFigures;
import io.kveik.bench.contest.Ratio;
import io.kveik.bench.contest.StoreFigures;
import io.kveik.bench.load.Counts;
import io.kveik.bench.load.Workload;
import io.kveik.bench.report.RunJson;
import java.util.List;
import java.util.Locale;

/**
 * The result as one JSON object; docs/benchmarks.md says what each field means. Latencies are
 * microseconds, sizes bytes, a gigabyte is 10^9 bytes. Stateless.
 */
public final class ResultJson {
  /** Names this form. Fields are added to it, never changed or removed. */
  public static final String SCHEMA = "kveik.bench/1";

  private ResultJson() {}

  /** The object. */
  public static JsonObject of(BenchResult result, List<Verdict> verdicts) {
    JsonObject json = new JsonObject();
    json.addProperty("schema", SCHEMA);
    json.addProperty("bench", result.plan().name());
    json.addProperty("started", result.started().toString());
    json.add("machine", machine(result.machine()));
    json.add("plan", plan(result.plan()));
    RunJson.addOutcome(json, result.complete(), result.failure());
    JsonArray stores = new JsonArray();
    result.stores().forEach(store -> stores.add(store(store)));
    json.add("stores", stores);
    JsonArray ratios = new JsonArray();
    result.ratios().forEach(ratio -> ratios.add(ratio(ratio)));
    json.add("ratios", ratios);
    JsonArray assertions = new JsonArray();
    verdicts.forEach(verdict -> assertions.add(verdict(verdict)));
    json.add("assertions", assertions);
    json.addProperty("clientPeakResidentBytes", result.client().peakResidentBytes());
    json.addProperty("originalPeakTokensPerSecond", Original.PEAK_TOKENS_PER_SECOND);
    return json;
  }

  private static JsonObject machine(Machine machine) {
    JsonObject json = new JsonObject();
    json.addProperty("cpus", machine.cpus());
    json.addProperty("cpuModel", machine.cpuModel());
    json.addProperty("memoryBytes", machine.memoryBytes());
    json.addProperty("system", machine.system());
    json.addProperty("java", machine.java());
    return json;
  }

  private static JsonObject plan(BenchPlan plan) {
    Workload workload = plan.workload();
    JsonObject json = new JsonObject();
    json.addProperty("mix", workload.mix().key());
    json.addProperty("streaming", workload.streaming());
    json.addProperty("blockBytes", workload.blockBytes());
    json.addProperty("blocks", workload.workingBlocks());
    json.addProperty("chain", workload.chain());
    json.addProperty("payload", workload.payload().key());
    json.addProperty("verify", workload.verification().key());
    json.addProperty("expectedIntervalMicros", workload.expectedIntervalNanos() / 1e3);
    json.addProperty("rounds", plan.rounds());
    json.addProperty("warmupSeconds", plan.warmup().seconds());
    json.addProperty("warmupUntilSteady", plan.warmup().untilSteady());
    json.addProperty("seconds", plan.seconds());
    json.addProperty("processes", plan.processes());
    json.addProperty("ack", plan.ack().name().toLowerCase(Locale.ROOT));
    RunJson.addScope(json, plan.scope());
    return json;
  }

  private static JsonObject store(StoreFigures store) {
    JsonObject json = new JsonObject();
    json.addProperty("name", store.name());
    json.addProperty("role", store.role().name().toLowerCase(Locale.ROOT));
    json.addProperty("description", store.description());
    JsonArray points = new JsonArray();
    store.points().forEach(point -> points.add(point(point)));
    json.add("points", points);
    return json;
  }

  private static JsonObject point(OperatingPoint point) {
    JsonObject json = new JsonObject();
    json.addProperty("concurrency", point.point().concurrency());
    if (point.point().isOpenLoop()) {
      json.addProperty("rate", point.point().ratePerSecond());
      json.addProperty("keptRate", point.keptRate());
      json.addProperty("offered", point.offered());
      json.addProperty("unserved", point.counts().unserved());
    }
    json.addProperty("rounds", point.rounds());
    json.addProperty("seconds", point.seconds());
    json.addProperty("callsPerSecond", point.callsPerSecond());
    json.addProperty("iterationsPerSecond", point.iterationsPerSecond());
    json.addProperty("tokensPerSecond", point.tokensPerSecond());
    json.addProperty("gigabytesPerSecond", point.gigabytesPerSecond());
    point
        .serverCpuSecondsPerGigabyte()
        .ifPresent(cpu -> json.addProperty("serverCpuSecondsPerGigabyte", cpu));
    point.serverResidentBytes().ifPresent(bytes -> json.addProperty("serverResidentBytes", bytes));
    JsonObject operations = new JsonObject();
    point
        .operations()
        .forEach((operation, figures) -> operations.add(operation.key(), operation(figures)));
    json.add("operations", operations);
    json.add("counts", counts(point.counts()));
    json.addProperty("heatColumnSeconds", point.heat().columnSeconds());
    json.add("heat", point.heat().toJson());
    return json;
  }

  private static JsonObject operation(OperationFigures figures) {
    JsonObject json = new JsonObject();
    json.addProperty("count", figures.count());
    json.addProperty("perSecond", figures.perSecond());
    json.addProperty("gigabytesPerSecond", figures.gigabytesPerSecond());
    json.addProperty("errors", figures.errors());
    JsonObject latency = new JsonObject();
    latency.addProperty("mean", figures.mean());
    latency.addProperty("p50", figures.p50());
    latency.addProperty("p90", figures.p90());
    latency.addProperty("p99", figures.p99());
    latency.addProperty("p999", figures.p999());
    latency.addProperty("max", figures.max());
    json.add("latencyMicros", latency);
    return json;
  }

  private static JsonObject counts(Counts counts) {
    JsonObject json = new JsonObject();
    json.addProperty("blocksRead", counts.blocksRead());
    json.addProperty("blocksWritten", counts.writes());
    json.addProperty("alreadyPresent", counts.alreadyPresent());
    json.addProperty("shortAcks", counts.shortAcks());
    json.addProperty("misses", counts.misses());
    json.addProperty("wrongBlocks", counts.wrongBlocks());
    json.addProperty("errors", counts.errors());
    return json;
  }

  private static JsonObject ratio(Ratio ratio) {
    JsonObject json = new JsonObject();
    json.addProperty("to", ratio.to());
    json.addProperty("role", ratio.role().name().toLowerCase(Locale.ROOT));
    json.addProperty("concurrency", ratio.concurrency());
    json.addProperty("throughput", ratio.throughput());
    json.addProperty("latencyOf", ratio.latencyOf().key());
    json.addProperty("p50", ratio.p50());
    json.addProperty("p99", ratio.p99());
    ratio.cpuPerGigabyte().ifPresent(cpu -> json.addProperty("cpuPerGigabyte", cpu));
    return json;
  }

  private static JsonObject verdict(Verdict verdict) {
    JsonObject json = new JsonObject();
    json.addProperty("assertion", verdict.text());
    json.addProperty("holds", verdict.holds());
    json.addProperty("measured", verdict.measured());
    return json;
  }
}
