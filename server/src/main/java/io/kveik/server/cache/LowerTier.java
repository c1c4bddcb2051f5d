package io.kveik.server.cache;

import io.kveik.server.block.AckLevel;
import io.kveik.server.block.BlockHeader;
import io.kveik.server.block.BlockRef;
import io.kveik.server.block.Fingerprint;
import io.kveik.server.tier.BatchingTier;
import io.kveik.server.tier.BlockBuffers;
import io.kveik.server.tier.FindOutcome;
import io.kveik.server.tier.GetOutcome;
import io.kveik.server.tier.KeyStripes;
import io.kveik.server.tier.Lifetimes;
import io.kveik.server.tier.PutOutcome;
import io.kveik.server.tier.SelfEvictingTier;
import io.kveik.server.tier.SharedTier;
import io.kveik.server.tier.StoredBlock;
import io.kveik.server.tier.Tier;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Iterator;
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
  private static final int STRIPES = 64;

  private static final PutOutcome NO_INDEX_MEMORY =
      new PutOutcome.Failed("the system refuses memory for the index");

  final Tier tier;
  final int ordinal;
  final AckLevel level;
  final TierHealth health;
  final Admission admission;
  final BackgroundPace pace;

  /** Reads that it answered. */
  final LongAdder hits = new LongAdder();

  /** Payload and attributes of the blocks that it took. */
  final LongAdder takenBytes = new LongAdder();

  final LongAdder evictions = new LongAdder();
  private final BlockIndex index;
  private final long capacityBytes;
  private final OwedRemovals owed;
  private final WriteClock writeClock;
  private final Lifetimes lifetimes;
  private final Passages passages;
  private final Settlement settlement;
  private final @Nullable SharedTier shared;
  private final @Nullable BatchingTier batches;
  private final KeyStripes locks = new KeyStripes(STRIPES);

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
            drop(header.ref(), Departure.EXPIRED);
          } else if (!index.finder().inTier(header.key(), ordinal)) {
            try (KeyStripes.Held _ = locks.hold(header.key())) {
              if (!owed.covers(name(), header)) {
                (index.note(header, ordinal) ? found : unnoted).increment();
              }
            }
          }
        });
    listed = scanned && unnoted.sum() == 0;
    return found.sum();
  }

  /**
   * Puts a block, unless its passage has ended.
   *
   * @return failed as well when the tier can't let go of a deleted block of that name
   */
  PutOutcome put(StoredBlock block, Passages.Passage passage) {
    BlockRef ref = block.header().ref();
    PutOutcome outcome;
    try (KeyStripes.Held _ = locks.hold(ref.key())) {
      String refusal = refusal(ref, passage, uncleared(List.of(ref)));
      outcome =
          refusal == null
              ? noted(block.header(), passage, tier.put(block))
              : new PutOutcome.Failed(refusal);
    }
    makeRoom();
    return outcome;
  }

  /** What may be gathered for {@link #putAll}; empty: nothing. */
  Optional<BatchingTier.Batching> batching() {
    return batches == null ? Optional.empty() : batches.batching();
  }

  /**
   * Puts several blocks of one namespace in one go, those whose passages have not ended.
   *
   * @param passages of the blocks, in their order
   * @return what became of each, in the same order
   */
  List<PutOutcome> putAll(List<StoredBlock> blocks, List<Passages.Passage> passages) {
    BatchingTier together = Objects.requireNonNull(batches, "nothing is gathered for this tier");
    List<PutOutcome> outcomes = new ArrayList<>();
    try (KeyStripes.Held _ =
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
    makeRoom();
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
        blocks.stream().filter(block -> owed.concerns(name(), block)).toList());
  }

  /** Tells index and health what became of a put. */
  private PutOutcome noted(BlockHeader header, Passages.Passage passage, PutOutcome outcome) {
    return switch (outcome) {
      case PutOutcome.Stored() -> {
        takenBytes.add(header.bodyLength());
        PutOutcome entered = entered(header, passage, outcome);
        if (entered.equals(NO_INDEX_MEMORY)) {
          // Nobody would find it, and nobody evict it.
          tier.remove(header.ref());
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
      owed.note(new OwedRemoval.OfBlock(name(), block, writeClock.cutOffMillis()));
    }
    // Whoever found it meanwhile has told the index.
    index.leave(block.key(), ordinal, Departure.DELETED);
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
    if (batches != null) {
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
    try (KeyStripes.Held _ = locks.hold(blocks.stream().map(BlockRef::key).toList())) {
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

  /** Takes a block out of index and tier. False when the tier could not remove it. */
  boolean drop(BlockRef block, Departure reason) {
    try (KeyStripes.Held _ = locks.hold(block.key())) {
      index.leave(block.key(), ordinal, reason);
      return tier.remove(block);
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
      try (KeyStripes.Held _ = locks.hold(victim.key())) {
        if (!tier.remove(victim)) {
          health.failed();
          return;
        }
      }
    }
  }
}
