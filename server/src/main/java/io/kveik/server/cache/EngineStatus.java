package io.kveik.server.cache;

import io.kveik.server.tier.MemoryTier;
import io.kveik.server.tier.TierUsage;
import java.util.ArrayList;
import java.util.List;

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
   * @param evictions blocks evicted from it; for DRAM see {@link EngineCounters#memoryEvictions}
   * @param failures calls that failed
   * @param down true while it is left out of every path
   * @param listed true once its content of before the start is known
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
      boolean listed) {}

  static EngineStatus of(
      MemoryTier memory, BlockIndex index, List<LowerTier> lower, List<WriteBehind> behind) {
    List<TierStatus> tiers = new ArrayList<>();
    tiers.add(
        new TierStatus(
            memory.name(),
            memory.usage(),
            index.bytesIn(HotMemory.TIER),
            0,
            0,
            0,
            0,
            0,
            false,
            true));
    for (int i = 0; i < lower.size(); i++) {
      LowerTier tier = lower.get(i);
      WriteBehind queue = behind.get(i);
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
              tier.listed()));
    }
    return new EngineStatus(index.blocks(), index.namespaces(), index.usedBytes(), tiers);
  }
}
