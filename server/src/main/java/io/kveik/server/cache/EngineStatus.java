package io.kveik.server.cache;

import io.kveik.server.tier.CodecTotals;
import io.kveik.server.tier.MemoryTier;
import io.kveik.server.tier.TierUsage;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/**
 * A look at the engine, for metrics and people.
 *
 * @param blocks blocks in any tier
 * @param namespaces namespaces that have blocks
 * @param indexBytes off-heap memory of the index
 * @param tiers DRAM first
 */
public record EngineStatus(long blocks, int namespaces, long indexBytes, List<TierStatus> tiers) {
  /**
   * One tier.
   *
   * @param name as configured
   * @param usage what the tier itself says
   * @param bodyBytes payload and attributes of the blocks the index has in it
   * @param queuedBlocks waiting to be written to it
   * @param queuedBytes waiting to be written to it
   * @param dropped blocks that found no room in its queue in time
   * @param evictions blocks evicted from it
   * @param failures calls that failed
   * @param down true while it is left out of every path
   * @param listed true once its content of before the start is known, or never will be (shared)
   * @param hits reads that it answered
   * @param takenBytes payload and attributes of the blocks it took since the start
   * @param writtenBytes what it wrote for them, as it says itself; empty where it doesn't
   * @param codec what encoding payloads came to; empty for a tier that has no codec
   * @param evictionAgeMillis how long what is evicted from it had not been used, a moving mean; -1
   *     before the first
   */
  public record TierStatus(
      String name,
      TierUsage usage,
      long bodyBytes,
      int queuedBlocks,
      long queuedBytes,
      long dropped,
      long evictions,
      long failures,
      boolean down,
      boolean listed,
      long hits,
      long takenBytes,
      OptionalLong writtenBytes,
      Optional<CodecTotals> codec,
      long evictionAgeMillis) {}

  static EngineStatus of(
      MemoryTier memory,
      BlockIndex index,
      LowerTiers lower,
      EngineCounters counters,
      @Nullable Demoter demoter) {
    List<TierStatus> tiers = new ArrayList<>();
    tiers.add(
        new TierStatus(
            memory.name(),
            memory.usage(),
            index.bytesIn(HotMemory.TIER) + (demoter == null ? 0 : demoter.leavingBytes()),
            0,
            0,
            0,
            counters.memoryEvictions.sum(),
            0,
            false,
            true,
            counters.memoryHits.sum(),
            0,
            OptionalLong.empty(),
            Optional.empty(),
            index.evictionAgeMillis(HotMemory.TIER)));
    for (int i = 0; i < lower.tiers().size(); i++) {
      LowerTier tier = lower.tiers().get(i);
      WriteBehind queue = lower.queues().get(i);
      tiers.add(
          new TierStatus(
              tier.tier.name(),
              tier.tier.usage(),
              index.bytesIn(tier.ordinal),
              queue.queuedBlocks(),
              queue.queuedBytes(),
              queue.droppedCount(),
              tier.evictions.sum(),
              tier.health.failureCount(),
              tier.health.down(),
              !tier.awaitsListing(),
              tier.hits.sum(),
              tier.takenBytes(),
              tier.tier.writtenBytes(),
              tier.tier.codecTotals(),
              index.evictionAgeMillis(tier.ordinal)));
    }
    return new EngineStatus(index.blocks(), index.namespaces(), index.usedBytes(), tiers);
  }
}
