package io.kveik.server.demo;

import io.kveik.client.KveikClient;
import java.util.LinkedHashMap;
import java.util.Map;

/** A {@link DemoResult} for machines: units stand in the names, latencies in milliseconds. */
final class JsonReport {
  private JsonReport() {}

  static String of(DemoResult result) {
    DemoOptions options = result.options();
    PrefillEstimate prefill = options.prefill();
    Map<String, Object> assumed = new LinkedHashMap<>();
    assumed.put("modelParameters", prefill.parameters());
    assumed.put("gpuTflops", prefill.gpuTflops());
    assumed.put("utilisation", prefill.utilisation());
    assumed.put("formula", PrefillEstimate.FORMULA);

    Map<String, Object> root = new LinkedHashMap<>();
    root.put("passed", result.passed());
    root.put("wallSeconds", result.wallSeconds());
    root.put("turns", options.turns());
    root.put("turnsBeforeKill", options.turnsBeforeKill());
    root.put("blockTokens", KveikClient.BLOCK_TOKENS);
    root.put("blockBytes", options.blockBytes());
    root.put("blocksAskedForAcrossTenants", result.spiedBlocks());
    root.put("blocksSeenAcrossTenants", result.blocksAcrossTenants());
    root.put("assumptions", assumed);
    root.put(
        "tenants",
        result.tenants().stream()
            .map(tenant -> {
              Map<String, Object> one = new LinkedHashMap<>();
              one.put("name", tenant.name());
              one.put("conversation", tenant.conversation());
              one.putAll(stats(tenant.stats(), prefill));
              return one;
            })
            .toList());
    root.put("total", stats(result.total(), prefill));
    return Json.of(root);
  }

  private static Map<String, Object> stats(TenantStats stats, PrefillEstimate prefill) {
    Map<String, Object> map = new LinkedHashMap<>();
    map.put("turns", stats.turns);
    map.put("promptTokens", stats.promptTokens);
    map.put("restoredTokens", stats.restoredTokens);
    map.put("computedTokens", stats.computedTokens());
    map.put("prefixHitRatio", stats.prefixHitRatio());
    map.put("prefillSecondsSaved", prefill.seconds(stats.restoredTokens));
    map.put("lookupMillis", latency(stats.lookups));
    map.put("readMillisPerBlock", latency(stats.reads));
    map.put("writeMillis", latency(stats.writes));
    map.put("bytesRestored", stats.bytesRestored);
    map.put("bytesWritten", stats.bytesWritten);
    map.put("bytesChecked", stats.bytesChecked);
    map.put("wrongBytes", stats.wrongBytes);
    map.put("sharedBlocksAskedFor", stats.sharedAsked);
    map.put("sharedBlocksBeforeKill", stats.sharedBeforeKill);
    map.put("sharedBlocksSurvived", stats.sharedSurvived);
    map.put("otherBlocksBeforeKill", stats.othersBeforeKill);
    map.put("otherBlocksSurvived", stats.othersSurvived);
    return map;
  }

  private static Map<String, Object> latency(TenantStats.Latency latency) {
    Map<String, Object> map = new LinkedHashMap<>();
    map.put("count", latency.count());
    map.put("p50", latency.millisAt(50));
    map.put("p99", latency.millisAt(99));
    return map;
  }
}
