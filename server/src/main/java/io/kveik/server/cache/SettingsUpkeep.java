package io.kveik.server.cache;

import io.kveik.server.block.BlockKey;
import io.kveik.server.block.BlockRef;
import io.kveik.server.block.Fingerprint;
import io.kveik.server.cache.KeptSetting.Subject;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BooleanSupplier;

/**
 * What kept settings need from time to time: those of blocks that are nowhere any more go, the
 * journal shrinks, and blocks that were pinned before a restart come back to DRAM.
 *
 * <p>Blocks that only a shared tier may have are not known until someone asks for them. Their
 * settings stay, unless there is no room for others. Belongs to one thread, which waits for tiers.
 */
final class SettingsUpkeep {
  private final KeptSettings kept;
  private final BlockSettings settings;
  private final BlockCensus census;
  private final List<LowerTier> lower;
  private final ColdReads coldReads;
  private final ControlOptions options;
  private final BooleanSupplier stop;

  /** Since the start; written by the one thread. */
  private volatile boolean compacted;

  SettingsUpkeep(
      KeptSettings kept,
      BlockSettings settings,
      BlockCensus census,
      List<LowerTier> lower,
      ColdReads coldReads,
      ControlOptions options,
      BooleanSupplier stop) {
    this.kept = kept;
    this.settings = settings;
    this.census = census;
    this.lower = lower;
    this.coldReads = coldReads;
    this.options = options;
    this.stop = stop;
  }

  /** True when there is something to do. Any thread. */
  boolean due() {
    return lower.stream().noneMatch(LowerTier::awaitsListing)
        && (!compacted || kept.full() || pinsAreMissing());
  }

  /**
   * One turn of it.
   *
   * @throws IOException when the journal is as it was; the next turn tries again
   */
  void run() throws IOException {
    if (!due()) {
      return;
    }
    if (!compacted || kept.full()) {
      if (kept.full() || lower.stream().allMatch(LowerTier::listed)) {
        kept.retainIf(this::isStored);
      }
      kept.compact();
      compacted = true;
    }
    if (pinsAreMissing()) {
      restorePins();
    }
  }

  private boolean pinsAreMissing() {
    return kept.pinnedCount() > settings.pinnedBlocks();
  }

  private boolean isStored(Subject subject) {
    return switch (subject) {
      case Subject.OfBlock(BlockRef block) -> census.find(block).known();
      case Subject.OfNamespace(Fingerprint namespace) -> census.hasBlocks(namespace);
    };
  }

  private void restorePins() {
    Map<Fingerprint, List<BlockKey>> missing = new HashMap<>();
    for (BlockRef block : kept.pinned()) {
      IndexedBlock known = census.find(block);
      if (known.known() && !known.pinned()) {
        missing.computeIfAbsent(block.namespace(), _ -> new ArrayList<>()).add(block.key());
      }
    }
    missing.forEach((namespace, keys) -> {
      new Prefetch(
              coldReads,
              new SelectionWalk(
                  census, namespace, new Selector.Blocks(keys), SelectionWalk.BEGINNING),
              stop,
              options.prefetchAhead(),
              options.prefetchBytes())
          .run();
      keys.forEach(key -> restorePin(new BlockRef(namespace, key)));
    });
  }

  private void restorePin(BlockRef block) {
    if (!kept.pinned(block)) {
      // Unpinned during the prefetch.
      return;
    }
    switch (settings.pin(block, options.pinnedBytes(), options.pinnedBlocks())) {
      case PINNED -> {
        if (!kept.pinned(block)) {
          settings.unpin(block);
        }
      }
      // Not in DRAM yet, or someone pinned it meanwhile.
      case UNCHANGED -> {}
      case OVER_BYTES, OVER_COUNT -> kept.forgetPin(block);
    }
  }
}
