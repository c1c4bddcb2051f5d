package io.kveik.server.cache;

import io.kveik.server.block.BlockHeader;
import io.kveik.server.block.BlockRef;
import io.kveik.server.tier.BatchingTier;
import io.kveik.server.tier.KeyLockTable;
import io.kveik.server.tier.PutOutcome;
import io.kveik.server.tier.StoredBlock;
import io.kveik.server.tier.Tier;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/**
 * How blocks come into a tier below DRAM: put under their key locks, none that was deleted on its
 * way, and then told to the index, or taken back. Any thread, which it blocks on the tier's I/O.
 */
final class TierPuts {
  private static final PutOutcome NO_INDEX_MEMORY =
      new PutOutcome.Failed("the system refuses memory for the index");

  private final Tier tier;
  private final int ordinal;
  private final BlockIndex index;
  private final TierHealth health;
  private final OwedRemovals owed;
  private final WriteClock writeClock;
  private final Settlement settlement;
  private final KeyLockTable locks;
  private final LongAdder takenBytes = new LongAdder();

  /**
   * @param ordinal of the tier in the index
   * @param settlement of what the tier owes
   * @param locks of the tier's keys, which its removals hold too
   */
  TierPuts(
      Tier tier,
      int ordinal,
      BlockIndex index,
      TierHealth health,
      OwedRemovals owed,
      WriteClock writeClock,
      Settlement settlement,
      KeyLockTable locks) {
    this.tier = tier;
    this.ordinal = ordinal;
    this.index = index;
    this.health = health;
    this.owed = owed;
    this.writeClock = writeClock;
    this.settlement = settlement;
    this.locks = locks;
  }

  /** Payload and attributes of the blocks that the tier took. */
  long takenBytes() {
    return takenBytes.sum();
  }

  /**
   * Puts a block, unless its passage has ended.
   *
   * @return failed as well when the tier can't let go of a deleted block of that name
   */
  PutOutcome put(StoredBlock block, Passages.Passage passage) {
    BlockRef ref = block.header().ref();
    try (KeyLockTable.Held _ = locks.hold(ref.key())) {
      String refusal = refusal(ref, passage, uncleared(List.of(ref)));
      return refusal == null
          ? noted(block.header(), passage, tier.put(block))
          : new PutOutcome.Failed(refusal);
    }
  }

  /**
   * Puts several blocks of one namespace in one go, those whose passages have not ended.
   *
   * @param together the tier
   * @param passages of the blocks, in their order
   * @return what became of each, in the same order
   */
  List<PutOutcome> putAll(
      BatchingTier together, List<StoredBlock> blocks, List<Passages.Passage> passages) {
    List<PutOutcome> outcomes = new ArrayList<>();
    try (KeyLockTable.Held _ =
        locks.hold(blocks.stream().map(block -> block.header().key()).toList())) {
      Set<BlockRef> uncleared =
          uncleared(blocks.stream().map(block -> block.header().ref()).toList());
      List<@Nullable String> refusals = new ArrayList<>();
      List<StoredBlock> going = new ArrayList<>();
      for (int i = 0; i < blocks.size(); i++) {
        String refusal = refusal(blocks.get(i).header().ref(), passages.get(i), uncleared);
        refusals.add(refusal);
        if (refusal == null) {
          going.add(blocks.get(i));
        }
      }
      Iterator<PutOutcome> put = together.putAll(going).iterator();
      for (int i = 0; i < blocks.size(); i++) {
        String refusal = refusals.get(i);
        outcomes.add(
            refusal == null
                ? noted(blocks.get(i).header(), passages.get(i), put.next())
                : new PutOutcome.Failed(refusal));
      }
    }
    return outcomes;
  }

  /** Why a block must not be put; null when it may. */
  private static @Nullable String refusal(
      BlockRef block, Passages.Passage passage, Set<BlockRef> uncleared) {
    if (passage.ended()) {
      return "deleted before it was written";
    }
    return uncleared.contains(block) ? "a deleted block of that key could not be removed" : null;
  }

  /**
   * Removes what is owed of these names, before anything is put there; under their locks.
   *
   * @return those of which a deleted block may still be there
   */
  private Set<BlockRef> uncleared(List<BlockRef> blocks) {
    if (owed.count() == 0) {
      return Set.of();
    }
    return settlement.removeAll(
        blocks.stream().filter(block -> owed.concerns(tier.name(), block)).toList());
  }

  /** Tells index and health what became of a put. */
  private PutOutcome noted(BlockHeader header, Passages.Passage passage, PutOutcome outcome) {
    return switch (outcome) {
      case PutOutcome.Stored() -> {
        takenBytes.add(header.bodyLength());
        PutOutcome entered = entered(header, passage, outcome);
        if (entered.equals(NO_INDEX_MEMORY)) {
          // Nobody would find it, and nobody evict it.
          tier.evict(header.ref());
        }
        yield entered;
      }
      case PutOutcome.AlreadyPresent() -> entered(header, passage, outcome);
      case PutOutcome.Full(_) -> outcome;
      case PutOutcome.Failed(_) -> {
        health.failed();
        yield outcome;
      }
    };
  }

  /**
   * Tells the index of a block that was put, unless it has been deleted since. The deletion of a
   * namespace goes by the index, which need not have a block that is on its way down.
   */
  private PutOutcome entered(BlockHeader header, Passages.Passage passage, PutOutcome outcome) {
    health.succeeded();
    boolean[] noted = new boolean[1];
    if (passage.arrive(() -> noted[0] = index.note(header, ordinal))) {
      return noted[0] ? outcome : NO_INDEX_MEMORY;
    }
    takeBack(header.ref());
    return new PutOutcome.Failed("deleted while it was written");
  }

  /** What can't be removed is owed for as long as this server runs. */
  private void takeBack(BlockRef block) {
    if (!tier.remove(block)) {
      health.failed();
      owed.note(new OwedRemoval.OfBlock(tier.name(), block, writeClock.cutOffMillis()));
    }
    // Whoever found it meanwhile has told the index.
    index.leave(block.key(), ordinal, Departure.DELETED);
  }
}
