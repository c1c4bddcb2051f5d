package io.kveik.server.cache;

import io.kveik.server.block.BlockHeader;
import io.kveik.server.block.BlockRef;
import io.kveik.server.memory.Lease;
import io.kveik.server.tier.BlockBuffers;
import io.kveik.server.tier.GetOutcome;
import io.kveik.server.tier.MemoryTier;
import io.kveik.server.tier.PutOutcome;
import io.kveik.server.tier.StoredBlock;
import org.jspecify.annotations.Nullable;

/**
 * DRAM as the engine keeps it: the memory tier, and eviction whenever it is full. Any thread;
 * eviction runs on the thread that needs the room.
 */
final class HotMemory implements BlockBuffers {
  static final int TIER = 0;

  /** No single block may push out more than this share of DRAM. */
  private static final int LARGEST_SHARE = 4;

  private final MemoryTier memory;
  private final BlockIndex index;
  private final EngineCounters counters;

  HotMemory(MemoryTier memory, BlockIndex index, EngineCounters counters) {
    this.memory = memory;
    this.index = index;
    this.counters = counters;
  }

  /** The largest body that is ever taken in. */
  long largestBody() {
    return memory.usage().capacityBytes() / LARGEST_SHARE;
  }

  @Override
  public @Nullable Lease allocate(long bytes) {
    if (bytes > largestBody()) {
      return null;
    }
    Lease lease;
    while ((lease = memory.allocate(bytes)) == null) {
      BlockRef victim = index.evict(TIER);
      if (victim == null) {
        return null;
      }
      memory.remove(victim);
      counters.memoryEvictions.increment();
    }
    return lease;
  }

  /** The block if it is in DRAM; the receiver closes it. */
  @Nullable StoredBlock get(BlockRef ref) {
    return memory.get(ref, this) instanceof GetOutcome.Hit(StoredBlock block) ? block : null;
  }

  /**
   * Makes filled memory a block.
   *
   * @param held true to keep it from eviction until {@link BlockIndex#unhold}
   * @return false when the key was there already; the lease is closed then
   */
  boolean admit(BlockHeader header, Lease filled, boolean held) {
    if (!(memory.admit(header, filled) instanceof PutOutcome.Stored)) {
      return false;
    }
    index.enter(header, TIER, held);
    return true;
  }

  void drop(BlockRef block, Departure reason) {
    index.leave(block.key(), TIER, reason);
    memory.remove(block);
  }
}
