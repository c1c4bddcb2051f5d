package io.kveik.server.cache;

import io.kveik.server.block.BlockRef;
import io.kveik.server.runtime.Scheduler;
import io.kveik.server.runtime.Workers;
import java.util.List;

/**
 * Takes blocks whose time is over out of every tier, {@value #SWEEP_BLOCKS} of them a second at
 * most. On storage threads, for tiers block.
 */
final class ExpirySweep {
  private static final int SWEEP_BLOCKS = 1_000;
  private static final long SWEEP_PERIOD_MILLIS = 1_000;

  private final BlockIndex index;
  private final HotMemory hot;
  private final List<LowerTier> lower;
  private final EngineCounters counters;

  ExpirySweep(BlockIndex index, HotMemory hot, List<LowerTier> lower, EngineCounters counters) {
    this.index = index;
    this.hot = hot;
    this.lower = lower;
    this.counters = counters;
  }

  /** Sweeps from now on; a sweep that the storage pool refuses is left out. */
  void start(Scheduler scheduler, Workers storage) {
    scheduler.every(SWEEP_PERIOD_MILLIS, () -> storage.tryExecute(this::sweep));
  }

  /** Takes one block that has expired out of every tier; may block on them. */
  void drop(BlockRef block) {
    hot.drop(block, Departure.EXPIRED);
    for (LowerTier tier : lower) {
      tier.drop(block, Departure.EXPIRED);
    }
  }

  private void sweep() {
    for (BlockRef block : index.expired(SWEEP_BLOCKS)) {
      drop(block);
      counters.expired.increment();
    }
  }
}
