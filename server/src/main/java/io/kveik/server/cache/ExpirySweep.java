package io.kveik.server.cache;

import io.kveik.server.block.BlockRef;
import io.kveik.server.runtime.Scheduler;
import io.kveik.server.runtime.Workers;
import io.kveik.server.tier.KeyLockTable;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/**
 * Takes blocks whose time is over out of every tier, {@value #SWEEP_BLOCKS} of them a second at
 * most. On storage threads, for tiers block.
 *
 * <p>A stored header tells the next who finds the block that its time is over. Where a setting says
 * so instead, which goes with the block, what a tier can't remove now is owed as after a deletion;
 * where nothing more can be owed, the setting stays.
 */
final class ExpirySweep {
  private static final int SWEEP_BLOCKS = 1_000;
  private static final long SWEEP_PERIOD_MILLIS = 1_000;

  private final BlockIndex index;
  private final HotMemory hot;
  private final List<LowerTier> lower;
  private final OwedRemovals owed;
  private final KeptSettings kept;
  private final WriteClock writeClock;
  private final EngineCounters counters;
  private final KeyLockTable locks = new KeyLockTable();

  ExpirySweep(
      BlockIndex index,
      HotMemory hot,
      List<LowerTier> lower,
      OwedRemovals owed,
      KeptSettings kept,
      WriteClock writeClock,
      EngineCounters counters) {
    this.index = index;
    this.hot = hot;
    this.lower = lower;
    this.owed = owed;
    this.kept = kept;
    this.writeClock = writeClock;
    this.counters = counters;
  }

  /** Sweeps from now on; a sweep that the storage pool refuses is left out. */
  void start(Scheduler scheduler, Workers storage) {
    scheduler.every(SWEEP_PERIOD_MILLIS, () -> storage.tryExecute(this::sweep));
  }

  /**
   * Takes a block that was seen to have expired out of every tier; may block on them.
   *
   * @return false when it has gone meanwhile, or has been written anew: nothing changed
   */
  boolean drop(BlockRef block) {
    // One at a time: nobody writes a block anew before it is gone, so what is over here stays so.
    try (KeyLockTable.Held _ = locks.hold(block.key())) {
      boolean over = index.expired(block.key());
      if (over) {
        dropFromAll(block);
      }
      return over;
    }
  }

  private void dropFromAll(BlockRef block) {
    KeptSetting setting = kept.ttlOf(block);
    hot.drop(block, Departure.EXPIRED);
    if (setting == null) {
      lower.forEach(tier -> tier.dropExpired(block));
    } else if (!removedOrOwed(block)) {
      kept.note(setting);
    }
  }

  private boolean removedOrOwed(BlockRef block) {
    if (owed.full()) {
      boolean removed = true;
      for (LowerTier tier : lower) {
        removed &= tier.drop(block, Departure.EXPIRED) && !tier.awaitsListing();
      }
      return removed;
    }
    long cutOffMillis = writeClock.cutOffMillis();
    List<OwedRemoval> owing = new ArrayList<>();
    for (LowerTier tier : lower) {
      tier.delete(
          List.of(block),
          Departure.EXPIRED,
          one -> new OwedRemoval.OfBlock(tier.name(), one, cutOffMillis),
          owing);
    }
    try {
      owed.record(owing);
      return true;
    } catch (IOException e) {
      // It is owed for as long as this server runs, and the next start goes by the setting.
      counters.journalFailures.increment();
      return false;
    }
  }

  private void sweep() {
    for (BlockRef block : index.expired(SWEEP_BLOCKS)) {
      if (drop(block)) {
        counters.expired.increment();
      }
    }
  }
}
