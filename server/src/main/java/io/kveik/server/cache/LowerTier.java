package io.kveik.server.cache;

import io.kveik.server.block.AckLevel;
import io.kveik.server.block.BlockHeader;
import io.kveik.server.block.BlockRef;
import io.kveik.server.block.Fingerprint;
import io.kveik.server.tier.BatchRemovingTier;
import io.kveik.server.tier.BatchingTier;
import io.kveik.server.tier.BlockBuffers;
import io.kveik.server.tier.FindOutcome;
import io.kveik.server.tier.GetOutcome;
import io.kveik.server.tier.KeyLockTable;
import io.kveik.server.tier.Lifetimes;
import io.kveik.server.tier.PutOutcome;
import io.kveik.server.tier.SelfEvictingTier;
import io.kveik.server.tier.SharedTier;
import io.kveik.server.tier.StoredBlock;
import io.kveik.server.tier.Tier;
import java.util.Collection;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * A tier below DRAM as the engine keeps it: the tier, its place in the stack, its health and its
 * bound. Puts and removals of one key exclude each other, so that the index never names a file that
 * a removal is about to delete. A tier that makes room by itself may do so beside a put of the very
 * block that leaves: the index then names it until the next read finds it absent. Called on storage
 * threads.
 */
final class LowerTier {
  final Tier tier;
  final int ordinal;
  final AckLevel level;
  final TierHealth health;
  final Admission admission;
  final BackgroundPace pace;

  /** Reads that it answered. */
  final LongAdder hits = new LongAdder();

  final LongAdder evictions = new LongAdder();
  private final BlockIndex index;
  private final long capacityBytes;
  private final OwedRemovals owed;
  private final WriteClock writeClock;
  private final Lifetimes lifetimes;
  private final Passages passages;
  private final Settlement settlement;
  private final TierPuts puts;
  private final @Nullable SharedTier shared;
  private final @Nullable BatchingTier batches;
  private final KeyLockTable locks = new KeyLockTable();

  /** True once the index knows every block the tier held at start: what it lacks is not there. */
  private volatile boolean listed;

  LowerTier(
      Tier tier,
      int ordinal,
      AckLevel level,
      long capacityBytes,
      BlockIndex index,
      TierHealth health,
      Admission admission,
      BackgroundPace pace,
      OwedRemovals owed,
      WriteClock writeClock,
      Lifetimes lifetimes,
      Passages passages) {
    this.tier = tier;
    this.shared = tier instanceof SharedTier other ? other : null;
    this.batches = tier instanceof BatchingTier other ? other : null;
    this.ordinal = ordinal;
    this.level = level;
    this.capacityBytes = capacityBytes;
    this.index = index;
    this.health = health;
    this.admission = admission;
    this.pace = pace;
    this.owed = owed;
    this.writeClock = writeClock;
    this.lifetimes = lifetimes;
    this.passages = passages;
    this.settlement = new Settlement(tier, owed, health, locks);
    this.puts = new TierPuts(tier, ordinal, index, health, owed, writeClock, settlement, locks);
    if (tier instanceof SelfEvictingTier itself) {
      itself.retainBy(new Uses());
    }
  }

  /** What a self-evicting tier asks. */
  private final class Uses implements SelfEvictingTier.Retention {
    @Override
    public boolean keep(BlockRef block) {
      // What it was not given as it was stored, DRAM gives it again on eviction.
      int above = admission == Admission.EVICTION ? HotMemory.TIER : ordinal;
      return index.eviction().keep(block.key(), ordinal, above);
    }

    @Override
    public void evicted(BlockRef block) {
      if (index.leave(block.key(), ordinal, Departure.EVICTED)) {
        evictions.increment();
      }
    }

    @Override
    public void corrupt(BlockRef block) {
      index.leave(block.key(), ordinal, Departure.CORRUPT);
    }
  }

  String name() {
    return tier.name();
  }

  /** Payload and attributes of the blocks that it took. */
  long takenBytes() {
    return puts.takenBytes();
  }

  /** Never for a shared tier: others write to it all the time. */
  boolean listed() {
    return listed;
  }

  /** Whether {@link #list} is yet to be called with success. */
  boolean awaitsListing() {
    return shared == null && !listed;
  }

  /** Whether asking for a block that the index lacks is worth it, the tier being unlisted. */
  boolean mayHold(BlockRef block) {
    return shared == null || shared.mayHold(block);
  }

  /** False: don't ask the tier now. True may also mean: this call is the trial. */
  boolean admits(Fingerprint namespace) {
    return health.admits() && (shared == null || shared.reachable(namespace));
  }

  /** Whether a block that the index has in this tier can be had now. */
  boolean reachable(Fingerprint namespace) {
    return !health.down() && (shared == null || shared.reachable(namespace));
  }

  /**
   * Brings the index up to what the tier holds; blocks for as long as the tier takes to list.
   *
   * @return blocks found
   */
  long list(long nowWallMillis) {
    LongAdder found = new LongAdder();
    LongAdder unnoted = new LongAdder();
    boolean scanned =
        tier.scan(header -> {
          writeClock.observe(header.writtenAtMillis());
          if (lifetimes.over(header, nowWallMillis)) {
            dropExpired(header.ref());
          } else if (!index.finder().inTier(header.key(), ordinal)) {
            try (KeyLockTable.Held _ = locks.hold(header.key())) {
              if (!owed.covers(name(), header)) {
                (index.note(header, ordinal) ? found : unnoted).increment();
              }
            }
          }
        });
    listed = scanned && unnoted.sum() == 0;
    return found.sum();
  }

  /** {@link TierPuts#put}, and room for what came. */
  PutOutcome put(StoredBlock block, Passages.Passage passage) {
    PutOutcome outcome = puts.put(block, passage);
    makeRoom();
    return outcome;
  }

  /** What may be gathered for {@link #putAll}; empty: nothing. */
  Optional<BatchingTier.Batching> batching() {
    return batches == null ? Optional.empty() : batches.batching();
  }

  /** {@link TierPuts#putAll}, and room for what came. */
  List<PutOutcome> putAll(List<StoredBlock> blocks, List<Passages.Passage> passages) {
    BatchingTier together = Objects.requireNonNull(batches, "nothing is gathered for this tier");
    List<PutOutcome> outcomes = puts.putAll(together, blocks, passages);
    makeRoom();
    return outcomes;
  }

  /** A get that passes over what has been deleted. */
  GetOutcome get(BlockRef block, BlockBuffers buffers) {
    GetOutcome outcome = tier.get(block, buffers);
    if (outcome instanceof GetOutcome.Hit(StoredBlock found)) {
      writeClock.observe(found.header().writtenAtMillis());
      if (owed.covers(name(), found.header())) {
        found.close();
        return new GetOutcome.Absent();
      }
    }
    return outcome;
  }

  /** A find that passes over what has been deleted and tells the index of what is there. */
  FindOutcome find(BlockRef block) {
    try (Passages.Passage passage = passages.open(block)) {
      FindOutcome outcome = tier.find(block);
      if (outcome instanceof FindOutcome.Found(BlockHeader header)) {
        writeClock.observe(header.writtenAtMillis());
        boolean there =
            !owed.covers(name(), header) && passage.arrive(() -> index.note(header, ordinal));
        return there ? outcome : new FindOutcome.Absent();
      }
      return outcome;
    }
  }

  /**
   * Deletes blocks. What the tier can't do now, or may yet list, it owes.
   *
   * @param reason why they go
   * @param debt how that is remembered
   * @param owing told the debts there are, for the caller to record
   * @return false when blocks may still be in the tier
   */
  boolean delete(
      List<BlockRef> blocks,
      Departure reason,
      Function<BlockRef, OwedRemoval> debt,
      Collection<OwedRemoval> owing) {
    if (tier instanceof BatchRemovingTier) {
      return deleteTogether(blocks, reason, debt, owing);
    }
    boolean removed = true;
    for (BlockRef block : blocks) {
      removed &= deleteTogether(List.of(block), reason, debt, owing);
    }
    return removed;
  }

  private boolean deleteTogether(
      List<BlockRef> blocks,
      Departure reason,
      Function<BlockRef, OwedRemoval> debt,
      Collection<OwedRemoval> owing) {
    try (KeyLockTable.Held _ = locks.hold(blocks.stream().map(BlockRef::key).toList())) {
      blocks.forEach(block -> index.leave(block.key(), ordinal, reason));
      Set<BlockRef> left = health.admits() ? settlement.removeAll(blocks) : Set.copyOf(blocks);
      for (BlockRef block : blocks) {
        if (left.contains(block) || awaitsListing()) {
          OwedRemoval owedNow = debt.apply(block);
          owed.note(owedNow);
          owing.add(owedNow);
        }
      }
      return left.isEmpty();
    }
  }

  /**
   * Removes what is owed, as far as the tier lets it.
   *
   * @param limit debts to try
   * @return what is done
   */
  List<OwedRemoval> settle(int limit) {
    return awaitsListing() ? List.of() : settlement.run(limit);
  }

  /** Takes a block out of index and tier for good. False when the tier could not remove it. */
  boolean drop(BlockRef block, Departure reason) {
    try (KeyLockTable.Held _ = locks.hold(block.key())) {
      index.leave(block.key(), ordinal, reason);
      return tier.remove(block);
    }
  }

  /**
   * The same for a block that would be found to be over once more if it came back. What has been
   * put here anew under its key since it was seen stays.
   */
  void dropExpired(BlockRef block) {
    try (KeyLockTable.Held _ = locks.hold(block.key())) {
      if (!index.livesIn(block.key(), ordinal)) {
        index.leave(block.key(), ordinal, Departure.EXPIRED);
        tier.evict(block);
      }
    }
  }

  private void makeRoom() {
    if (tier instanceof SelfEvictingTier) {
      return;
    }
    while (tier.usage().bytes() > capacityBytes) {
      BlockRef victim = index.eviction().evict(ordinal);
      if (victim == null) {
        return;
      }
      evictions.increment();
      try (KeyLockTable.Held _ = locks.hold(victim.key())) {
        if (!tier.evict(victim)) {
          health.failed();
          return;
        }
      }
    }
  }
}
