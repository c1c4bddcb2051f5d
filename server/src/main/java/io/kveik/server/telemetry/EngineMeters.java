package io.kveik.server.telemetry;

import io.kveik.server.cache.CacheEngine;
import io.kveik.server.cache.EngineCounters;
import io.kveik.server.cache.EngineStatus;
import io.kveik.server.cache.EngineStatus.TierStatus;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.ToDoubleFunction;

/** Shows the engine's counters and status as meters; read when scraped, nothing on the hot path. */
public final class EngineMeters {
  private EngineMeters() {}

  public static void bind(CacheEngine engine, MeterRegistry registry) {
    EngineCounters counters = engine.counters();
    counter(registry, "kveik.lookup.blocks", "Blocks asked for.", counters.lookupBlocks);
    counter(registry, "kveik.lookup.hits", "Of those, found.", counters.lookupHits);
    counter(registry, "kveik.read.memory.hits", "Reads from DRAM.", counters.memoryHits);
    counter(registry, "kveik.read.lower.hits", "Reads from below DRAM.", counters.lowerHits);
    counter(registry, "kveik.read.misses", "Reads that found nothing.", counters.readMisses);
    counter(
        registry, "kveik.read.shared", "Cold reads that shared a fetch.", counters.sharedFetches);
    counter(registry, "kveik.corrupt", "Blocks that failed a checksum.", counters.corrupt);
    counter(registry, "kveik.write.stored", "Blocks stored.", counters.stored);
    counter(
        registry,
        "kveik.write.present",
        "Writes of blocks there already.",
        counters.alreadyPresent);
    counter(
        registry,
        "kveik.write.refused",
        "Writes without memory to take them.",
        counters.writesRefused);
    counter(registry, "kveik.expired", "Blocks whose TTL ended.", counters.expired);
    counter(registry, "kveik.over.budget", "Lookups and reads over budget.", counters.overBudget);
    Gauge.builder("kveik.blocks", engine, one -> one.status().blocks())
        .description("Blocks in any tier.")
        .register(registry);
    Gauge.builder("kveik.namespaces", engine, one -> one.status().namespaces())
        .description("Namespaces with blocks.")
        .register(registry);
    int tiers = engine.status().tiers().size();
    for (int tier = 0; tier < tiers; tier++) {
      bindTier(engine, registry, tier);
    }
  }

  private static void bindTier(CacheEngine engine, MeterRegistry registry, int ordinal) {
    String name = tier(engine.status(), ordinal).name();
    tierGauge(engine, registry, ordinal, name, "blocks", t -> t.usage().blocks());
    tierGauge(engine, registry, ordinal, name, "bytes", t -> t.usage().bytes());
    tierGauge(engine, registry, ordinal, name, "capacity.bytes", t -> t.usage().capacityBytes());
    tierGauge(engine, registry, ordinal, name, "body.bytes", TierStatus::bodyBytes);
    tierGauge(engine, registry, ordinal, name, "queued.blocks", TierStatus::queuedBlocks);
    tierGauge(engine, registry, ordinal, name, "queued.bytes", TierStatus::queuedBytes);
    tierGauge(engine, registry, ordinal, name, "down", t -> t.down() ? 1 : 0);
    tierGauge(engine, registry, ordinal, name, "listed", t -> t.listed() ? 1 : 0);
    tierCounter(engine, registry, ordinal, name, "dropped", TierStatus::dropped);
    tierCounter(engine, registry, ordinal, name, "evictions", TierStatus::evictions);
    tierCounter(engine, registry, ordinal, name, "failures", TierStatus::failures);
  }

  private static TierStatus tier(EngineStatus status, int ordinal) {
    return status.tiers().get(ordinal);
  }

  private static void tierGauge(
      CacheEngine engine,
      MeterRegistry registry,
      int ordinal,
      String name,
      String figure,
      ToDoubleFunction<TierStatus> read) {
    Gauge.builder(
            "kveik.tier." + figure, engine, one -> read.applyAsDouble(tier(one.status(), ordinal)))
        .tag("tier", name)
        .register(registry);
  }

  private static void tierCounter(
      CacheEngine engine,
      MeterRegistry registry,
      int ordinal,
      String name,
      String figure,
      ToDoubleFunction<TierStatus> read) {
    FunctionCounter.builder(
            "kveik.tier." + figure, engine, one -> read.applyAsDouble(tier(one.status(), ordinal)))
        .tag("tier", name)
        .register(registry);
  }

  private static void counter(MeterRegistry registry, String name, String help, LongAdder counter) {
    FunctionCounter.builder(name, counter, adder -> (double) adder.sum())
        .description(help)
        .register(registry);
  }
}
