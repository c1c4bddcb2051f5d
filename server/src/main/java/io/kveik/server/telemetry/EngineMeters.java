package io.kveik.server.telemetry;

import io.kveik.server.cache.CacheEngine;
import io.kveik.server.cache.EngineCounters;
import io.kveik.server.cache.EngineStatus;
import io.kveik.server.cache.EngineStatus.TierStatus;
import io.kveik.server.tier.CodecTotals;
import java.util.List;
import java.util.function.Supplier;
import java.util.function.ToLongFunction;

/** The engine's counters and status as meters. */
public final class EngineMeters {
  private static final double MILLIS_PER_SECOND = 1e3;

  private EngineMeters() {}

  public static void bind(CacheEngine engine, Meters meters) {
    EngineCounters counters = engine.counters();
    meters
        .of(() -> counters)
        .counter("kveik.lookup.blocks", "Blocks asked for.", c -> c.lookupBlocks.sum())
        .counter("kveik.lookup.hits", "Of those, found.", c -> c.lookupHits.sum())
        .counter("kveik.lookup.probes", "Blocks tiers were asked for.", c -> c.probes.sum())
        .counter("kveik.lookup.probes.found", "Of those, found.", c -> c.probesFound.sum())
        .counter("kveik.read.memory.hits", "Reads from DRAM.", c -> c.memoryHits.sum())
        .counter("kveik.read.lower.hits", "Reads from below DRAM.", c -> c.lowerHits.sum())
        .counter("kveik.read.misses", "Reads that found nothing.", c -> c.readMisses.sum())
        .counter("kveik.read.shared", "Reads that shared a fetch.", c -> c.sharedFetches.sum())
        .counter(
            "kveik.read.unpromoted", "Cold reads kept out of DRAM.", c -> c.servedFromBelow.sum())
        .counter("kveik.corrupt", "Blocks that failed a checksum.", c -> c.corrupt.sum())
        .counter("kveik.write.stored", "Blocks stored.", c -> c.stored.sum())
        .counter("kveik.write.present", "Writes of blocks there.", c -> c.alreadyPresent.sum())
        .counter("kveik.write.refused", "Writes without memory.", c -> c.writesRefused.sum())
        .counter("kveik.write.unadmitted", "Kept out of a full DRAM.", c -> c.notAdmitted.sum())
        .counter("kveik.memory.evictions", "Evicted from DRAM.", c -> c.memoryEvictions.sum())
        .counter("kveik.expired", "Blocks whose TTL ended.", c -> c.expired.sum())
        .counter("kveik.over.budget", "Lookups and reads over budget.", c -> c.overBudget.sum())
        .counter("kveik.control.deleted", "Blocks deleted.", c -> c.deleted.sum())
        .counter("kveik.control.prioritised", "Priorities set.", c -> c.prioritised.sum())
        .counter("kveik.control.ttls", "Times to live set.", c -> c.ttlsSet.sum())
        .counter(
            "kveik.control.policies",
            "Blocks that another eviction policy was given.",
            c -> c.policiesChanged.sum())
        .counter("kveik.control.pinned", "Blocks pinned.", c -> c.pinned.sum())
        .counter("kveik.control.unpinned", "Blocks unpinned.", c -> c.unpinned.sum())
        .counter("kveik.control.prefetched", "Blocks prefetched.", c -> c.prefetched.sum())
        .counter("kveik.control.queried", "Blocks described.", c -> c.queried.sum())
        .counter("kveik.control.refused", "Refused by a limit.", c -> c.controlRefused.sum())
        .counter(
            "kveik.control.log.failures",
            "Journals that could not be shortened.",
            c -> c.journalFailures.sum());
    meters
        .of(engine::control)
        .gauge("kveik.owed.removals", "Deleted, not removed by a tier.", c -> c.owedRemovals())
        .gauge("kveik.kept.settings", "Kept over restarts.", c -> c.keptSettings())
        .gauge("kveik.pinned.blocks", "Blocks pinned in DRAM.", c -> c.pinnedBlocks())
        .gauge("kveik.pinned.bytes", "Bytes pinned in DRAM.", c -> c.pinnedBytes());
    meters
        .of(engine::status)
        .gauge("kveik.blocks", "Blocks in any tier.", EngineStatus::blocks)
        .gauge("kveik.namespaces", "Namespaces with blocks.", EngineStatus::namespaces)
        .gauge("kveik.index.bytes", "Off-heap bytes of the index.", EngineStatus::indexBytes);
    List<TierStatus> tiers = engine.status().tiers();
    for (int i = 0; i < tiers.size(); i++) {
      int ordinal = i;
      bindTier(tiers.get(i).name(), () -> engine.status().tiers().get(ordinal), meters);
    }
  }

  private static void bindTier(String name, Supplier<TierStatus> status, Meters meters) {
    meters
        .of(status)
        .labelled("tier", name)
        .gauge("kveik.tier.blocks", "Blocks held.", t -> t.usage().blocks())
        .gauge("kveik.tier.bytes", "Bytes they take.", t -> t.usage().bytes())
        .gauge("kveik.tier.capacity.bytes", "Bytes allowed.", t -> t.usage().capacityBytes())
        .gauge("kveik.tier.body.bytes", "Payload and attributes.", TierStatus::bodyBytes)
        .gauge("kveik.tier.queued.blocks", "Waiting to be written.", TierStatus::queuedBlocks)
        .gauge("kveik.tier.queued.bytes", "Waiting to be written.", TierStatus::queuedBytes)
        .gauge("kveik.tier.down", "1 while left out.", t -> t.down() ? 1 : 0)
        .gauge("kveik.tier.listed", "1 once its content is known.", t -> t.listed() ? 1 : 0)
        .gauge(
            "kveik.tier.eviction.age.seconds",
            "How long what is evicted was not used; -1: nothing yet.",
            t -> t.evictionAgeMillis() < 0 ? -1 : t.evictionAgeMillis() / MILLIS_PER_SECOND)
        .counter("kveik.tier.hits", "Reads that it answered.", TierStatus::hits)
        .counter("kveik.tier.taken.bytes", "Bodies of blocks it took.", TierStatus::takenBytes)
        .counter(
            "kveik.tier.written.bytes",
            "What it wrote for them, 0 where it does not say.",
            t -> t.writtenBytes().orElse(0))
        .counter(
            "kveik.tier.payload.bytes",
            "Payloads put, where there is a codec.",
            t -> codec(t, CodecTotals::payloadBytes))
        .counter(
            "kveik.tier.payload.stored.bytes",
            "Stored for them.",
            t -> codec(t, CodecTotals::storedBytes))
        .counter(
            "kveik.limit.codec.scratch",
            "Payloads stored as they are for want of memory to encode into.",
            t -> codec(t, CodecTotals::withoutScratch))
        .counter("kveik.tier.dropped", "No room in its queue.", TierStatus::dropped)
        .counter("kveik.tier.evictions", "Evicted from it.", TierStatus::evictions)
        .counter("kveik.tier.failures", "Calls that failed.", TierStatus::failures);
  }

  private static long codec(TierStatus tier, ToLongFunction<CodecTotals> figure) {
    return tier.codec().map(figure::applyAsLong).orElse(0L);
  }
}
