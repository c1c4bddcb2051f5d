package io.kveik.server.cache;

import io.kveik.server.block.BlockKey;
import io.kveik.server.block.BlockRef;
import io.kveik.server.block.Fingerprint;
import io.kveik.server.cache.ControlOutcome.ControlTally;
import java.io.IOException;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Deletes blocks from every tier. Blocks that it has passed are unreadable from there on, and stay
 * so after a restart: what a tier can't remove now is recorded as owed before this answers.
 *
 * <p>For each block, some at a time: its passages are ended and barred, so that no write, fetch or
 * write-behind under way brings it back; then it leaves DRAM and each tier below, under that tier's
 * key lock.
 *
 * <p>Of a namespace, what was written before the call began does not survive it, however it
 * travels. What is in flight then is ended first; what a tier may yet list is owed as one cut-off
 * time for the whole namespace, which listing, reads and finds respect; and the index is gone over
 * twice, since a block that changed tiers during the first time may have moved to a slot behind it.
 * What is written after the call began may go or stay.
 *
 * <p>Belongs to one thread, which it blocks on the tiers' I/O.
 */
final class Deletion {
  private static final int PASSES = 2;

  /** Blocks of a subtree that are taken down at a time, about 150 bytes of heap each. */
  private static final int BATCH_BLOCKS = 100_000;

  /**
   * Blocks that a tier may remove in one go, and whose key locks it holds meanwhile: about what
   * lies together in one.
   */
  private static final int TOGETHER = 64;

  /** What deletions work on. */
  record Parts(
      HotMemory hot,
      List<LowerTier> lower,
      Passages passages,
      OwedRemovals owed,
      KeptSettings kept,
      WriteClock writeClock,
      BlockCensus census) {}

  private final Parts parts;
  private final Consumer<BlockKey> onDeleted;
  private final Fingerprint namespace;
  private final Selector selector;
  private final BooleanSupplier stop;
  private final long cutOffMillis;
  private final Set<String> owingTiers = new LinkedHashSet<>();
  private long deleted;
  private long bytes;

  /**
   * @param onDeleted told each block that has been deleted
   * @param selector no chain: see {@link SelectionWalk#resolve}
   * @param stop true once the caller's time is over
   */
  Deletion(
      Parts parts,
      Consumer<BlockKey> onDeleted,
      Fingerprint namespace,
      Selector selector,
      BooleanSupplier stop) {
    this.parts = parts;
    this.onDeleted = onDeleted;
    this.namespace = namespace;
    this.selector = selector;
    this.stop = stop;
    this.cutOffMillis = parts.writeClock().cutOffMillis();
  }

  /**
   * Does it.
   *
   * @throws IOException when what is owed could not be recorded: blocks may be back after a restart
   */
  ControlOutcome run() throws IOException {
    ControlOutcome outcome = delete();
    if (selector instanceof Selector.Everything && outcome instanceof ControlOutcome.Done) {
      parts.kept().forget(namespace, cutOffMillis);
      parts.kept().sync();
    }
    return outcome;
  }

  private ControlOutcome delete() throws IOException {
    return switch (selector) {
      case Selector.Blocks _ -> pass();
      case Selector.Prefix(BlockKey key, long label) -> {
        for (LowerTier tier : parts.lower()) {
          if (tier.awaitsListing()) {
            yield new ControlOutcome.Refused(
                "tiers." + tier.name(),
                "not listed since the start: what continues the block is not known yet",
                tally());
          }
        }
        yield takeDown(key, label);
      }
      case Selector.Everything _ -> {
        oweWhatIsNotListed();
        parts.passages().endAll(namespace);
        ControlOutcome outcome = pass();
        for (int i = 1; i < PASSES && outcome instanceof ControlOutcome.Done; i++) {
          outcome = pass();
        }
        yield outcome;
      }
      case Selector.OfChain _, Selector.PrefixOfChain _ ->
          throw new IllegalStateException("a chain that was not resolved");
    };
  }

  private void oweWhatIsNotListed() throws IOException {
    Set<OwedRemoval> owing = new HashSet<>();
    for (LowerTier tier : parts.lower()) {
      if (!tier.listed()) {
        OwedRemoval debt = new OwedRemoval.OfNamespace(tier.name(), namespace, cutOffMillis);
        parts.owed().note(debt);
        owing.add(debt);
      }
    }
    parts.owed().record(owing);
  }

  /** A block's subtree, leaves first, and the block at last. */
  private ControlOutcome takeDown(BlockKey root, long label) throws IOException {
    Selector prefix = new Selector.Prefix(root, label);
    for (int passes = 0; passes < PASSES; ) {
      DeepestBlocks deepest = new DeepestBlocks(BATCH_BLOCKS);
      SelectionWalk walk = walk(prefix);
      while (!walk.over() && !stop.getAsBoolean()) {
        walk.next(BlockCensus.SLICE_SLOTS).stream()
            .filter(block -> !block.ref().key().equals(root))
            .forEach(deepest::add);
      }
      passes += deepest.full() ? 0 : 1;
      List<IndexedBlock> batch = deepest.drain();
      for (int from = 0; from < batch.size(); from += BlockCensus.SLICE_SLOTS) {
        int to = Math.min(batch.size(), from + BlockCensus.SLICE_SLOTS);
        ControlOutcome end = deleteSlice(batch.subList(from, to));
        if (end != null) {
          return end;
        }
      }
    }
    ControlOutcome end = deleteSlice(List.of(parts.census().find(new BlockRef(namespace, root))));
    return end == null ? new ControlOutcome.Done(tally()) : end;
  }

  private ControlOutcome pass() throws IOException {
    SelectionWalk walk = walk(selector);
    while (!walk.over()) {
      ControlOutcome end = deleteSlice(walk.next(BlockCensus.SLICE_SLOTS));
      if (end != null) {
        return end;
      }
    }
    return new ControlOutcome.Done(tally());
  }

  private SelectionWalk walk(Selector blocks) {
    return new SelectionWalk(parts.census(), namespace, blocks, SelectionWalk.BEGINNING);
  }

  /** Null: done, go on. */
  private @Nullable ControlOutcome deleteSlice(List<IndexedBlock> slice) throws IOException {
    if (parts.owed().full()) {
      return new ControlOutcome.Refused(
          "limits.owed-removals",
          "tiers that are down owe " + parts.owed().count() + " removals",
          tally());
    }
    if (stop.getAsBoolean()) {
      return new ControlOutcome.Stopped(tally());
    }
    Set<OwedRemoval> owing = new HashSet<>();
    try {
      for (int from = 0; from < slice.size(); from += TOGETHER) {
        List<IndexedBlock> some = slice.subList(from, Math.min(slice.size(), from + TOGETHER));
        delete(some.stream().map(IndexedBlock::ref).toList(), owing);
        for (IndexedBlock block : some) {
          deleted += block.known() ? 1 : 0;
          bytes += block.bodyLength();
        }
      }
    } finally {
      parts.owed().record(owing);
    }
    return null;
  }

  private void delete(List<BlockRef> blocks, Set<OwedRemoval> owing) {
    List<Passages.Bar> bars = blocks.stream().map(parts.passages()::delete).toList();
    try {
      blocks.forEach(block -> parts.hot().drop(block, Departure.DELETED));
      for (LowerTier tier : parts.lower()) {
        if (!tier.delete(blocks, Departure.DELETED, block -> debt(tier, block), owing)) {
          owingTiers.add(tier.name());
        }
      }
    } finally {
      bars.forEach(Passages.Bar::close);
    }
    for (BlockRef block : blocks) {
      parts.kept().forget(block);
      onDeleted.accept(block.key());
    }
  }

  private OwedRemoval debt(LowerTier tier, BlockRef block) {
    return selector instanceof Selector.Everything
        ? new OwedRemoval.OfNamespace(tier.name(), namespace, cutOffMillis)
        : new OwedRemoval.OfBlock(tier.name(), block, cutOffMillis);
  }

  private ControlTally tally() {
    return new ControlTally(deleted, deleted, bytes, List.copyOf(owingTiers));
  }
}
