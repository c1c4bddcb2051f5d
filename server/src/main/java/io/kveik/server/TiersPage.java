package io.kveik.server;

import io.kveik.server.cache.CacheEngine;
import io.kveik.server.cache.EngineStatus.TierStatus;
import io.kveik.server.cli.Json;
import io.kveik.server.cli.TiersCommand;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The tiers as the operator's port shows them: one JSON object, its {@code tiers} top down. What is
 * not known is absent. {@link TiersCommand} reads it.
 */
final class TiersPage {
  static final String PATH = TiersCommand.PATH;

  private TiersPage() {}

  static String of(CacheEngine engine) {
    List<TierStatus> tiers = engine.status().tiers();
    long hits = tiers.stream().mapToLong(TierStatus::hits).sum();
    return Json.text(
        Map.of("tiers", tiers.stream().map(tier -> (Object) row(tier, hits)).toList()));
  }

  private static Map<String, Object> row(TierStatus tier, long allHits) {
    Map<String, Object> row = new LinkedHashMap<>();
    row.put("name", tier.name());
    row.put("state", state(tier));
    row.put("blocks", tier.usage().blocks());
    row.put("bytes", tier.usage().bytes());
    if (tier.usage().capacityBytes() != Long.MAX_VALUE) {
      row.put("capacityBytes", tier.usage().capacityBytes());
    }
    row.put("hits", tier.hits());
    if (allHits > 0) {
      row.put("hitShare", (double) tier.hits() / allHits);
    }
    row.put("queuedBlocks", tier.queuedBlocks());
    row.put("queuedBytes", tier.queuedBytes());
    row.put("dropped", tier.dropped());
    row.put("evictions", tier.evictions());
    row.put("failures", tier.failures());
    row.put("takenBytes", tier.takenBytes());
    tier.writtenBytes()
        .ifPresent(written -> {
          row.put("writtenBytes", written);
          if (tier.takenBytes() > 0) {
            row.put("writeAmplification", (double) written / tier.takenBytes());
          }
        });
    tier.codec()
        .ifPresent(codec -> {
          row.put("payloadBytes", codec.payloadBytes());
          row.put("payloadStoredBytes", codec.storedBytes());
          row.put("savedBytes", codec.savedBytes());
        });
    if (tier.evictionAgeMillis() >= 0) {
      row.put("evictionAgeMillis", tier.evictionAgeMillis());
    }
    return row;
  }

  private static String state(TierStatus tier) {
    if (tier.down()) {
      return "down";
    }
    return tier.listed() ? "up" : "listing";
  }
}
