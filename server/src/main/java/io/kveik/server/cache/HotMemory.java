package io.kveik.server.cache;

import io.kveik.server.block.BlockHeader;
import io.kveik.server.block.BlockRef;
import io.kveik.server.block.Fingerprint;
import io.kveik.server.memory.Lease;
import io.kveik.server.tier.BlockBuffers;
import io.kveik.server.tier.FindOutcome;
import io.kveik.server.tier.GetOutcome;
import io.kveik.server.tier.MemoryTier;
import io.kveik.server.tier.PutOutcome;
import io.kveik.server.tier.StoredBlock;
import org.jspecify.annotations.Nullable;

/**
 * DRAM as the engine keeps it: the memory tier, and eviction whenever it is full. Any thread;
 * eviction runs on the thread that needs the room.
 *
 * <p>Where tiers below take what DRAM evicts, a {@link Demoter} keeps some room free ahead of need.
 * A block on its way down has left {@link #TIER} for a second population of the index, so that the
 * policy goes on to the next victim, and stays readable until it is written.
 */
final class HotMemory implements BlockBuffers {
  static final int TIER = 0;

  /** What became of a block that was to be admitted. */
  enum Admitted {
    NEW,
    /** The key was there already. */
    PRESENT,
    /** It was deleted as it came. */
    DELETED,
    /** The system has no memory for the index to know it by. */
    NO_INDEX_MEMORY,
    /** Its namespace has its quota of DRAM, and none of that can go. */
    OVER_QUOTA
  }

  /** What came of asking for a written block's memory. */
  sealed interface Room {
    /**
     * Memory to fill.
     *
     * @param lease for the caller to close, or to hand to {@link #admit}
     */
    record Given(Lease lease) implements Room {}

    /** The block is not worth what would have to go, see {@link ChainAdmission}. */
    record NotAdmitted() implements Room {}

    /** It is too large, or everything is held. */
    record None() implements Room {}
  }

  /** No single block may push out more than this share of DRAM. */
  private static final int LARGEST_SHARE = 4;

  private final MemoryTier memory;
  private final BlockIndex index;
  private final int leavingTier;
  private final EngineCounters counters;
  private final long capacityBytes;
  private volatile long largestBytes;

  /** Null where no tier takes what DRAM evicts. Set once, before the first block. */
  private volatile @Nullable Demoter demoter;

  /** Null where a tier lies below. Set once, before the first block. */
  private volatile @Nullable ChainAdmission admission;

  /**
   * @param leavingTier where the index has blocks that are on their way down; no tier of the stack
   */
  HotMemory(MemoryTier memory, BlockIndex index, int leavingTier, EngineCounters counters) {
    this.memory = memory;
    this.index = index;
    this.leavingTier = leavingTier;
    this.counters = counters;
    this.capacityBytes = memory.usage().capacityBytes();
  }

  void demoteThrough(Demoter way) {
    demoter = way;
  }

  /** What DRAM does without is lost, so it chooses whom it admits. */
  void admitBy(ChainAdmission rule) {
    admission = rule;
  }

  /** The largest body that is ever taken in. */
  long largestBody() {
    return capacityBytes / LARGEST_SHARE;
  }

  long capacityBytes() {
    return capacityBytes;
  }

  long freeBytes() {
    return capacityBytes - memory.usage().bytes();
  }

  /** The largest body seen yet. */
  long largestBytes() {
    return largestBytes;
  }

  /** True when DRAM had the block at the time of the look, on its way down or not. */
  boolean holds(BlockView block) {
    return block.inTier(TIER) || (demoter != null && block.inTier(leavingTier));
  }

  @Override
  public @Nullable Lease allocate(long bytes) {
    if (bytes > largestBody()) {
      return null;
    }
    if (bytes > largestBytes) {
      largestBytes = bytes;
    }
    Lease lease;
    while ((lease = memory.allocate(bytes)) == null) {
      if (!evict() && !index.settings().releaseOldestPin()) {
        return null;
      }
    }
    Demoter way = demoter;
    if (way != null) {
      way.allocated();
    }
    return lease;
  }

  /** Memory for a block that is written. */
  Room allocateFor(WriteCommand newcomer) {
    long bytes = newcomer.bodyLength();
    ChainAdmission by = admission;
    if (by == null || bytes > largestBody()) {
      Lease lease = allocate(bytes);
      return lease == null ? new Room.None() : new Room.Given(lease);
    }
    if (bytes > largestBytes) {
      largestBytes = bytes;
    }
    Lease lease;
    while ((lease = memory.allocate(bytes)) == null) {
      switch (by.makeRoomFor(newcomer)) {
        case ChainAdmission.Room.Evicted(BlockRef victim) -> {
          memory.remove(victim);
          counters.memoryEvictions.increment();
        }
        case ChainAdmission.Room.NotAdmitted() -> {
          counters.notAdmitted.increment();
          return new Room.NotAdmitted();
        }
        case ChainAdmission.Room.AllHeld() -> {
          if (!index.settings().releaseOldestPin()) {
            return new Room.None();
          }
        }
      }
    }
    return new Room.Given(lease);
  }

  /** A lookup did not find all of a chain. */
  void missed(Fingerprint namespace) {
    ChainAdmission by = admission;
    if (by != null) {
      by.missed(namespace);
    }
  }

  /** Makes room at once. False when everything is held. */
  private boolean evict() {
    Demoter way = demoter;
    if (way == null) {
      BlockRef victim = index.eviction().evict(TIER);
      if (victim == null) {
        return false;
      }
      memory.remove(victim);
      counters.memoryEvictions.increment();
      return true;
    }
    BlockRef victim = beginLeaving();
    if (victim == null) {
      return false;
    }
    way.lost(victim);
    endLeaving(victim);
    return true;
  }

  /**
   * Takes the next victim from the policy; it stays readable.
   *
   * @return null when everything is held, or the system has no memory for the index
   */
  @Nullable BlockRef beginLeaving() {
    try {
      return index.eviction().evictTo(TIER, leavingTier);
    } catch (OutOfMemoryError e) {
      return null;
    }
  }

  /** Gives the memory of a block back that was leaving. */
  void endLeaving(BlockRef block) {
    if (index.leave(block.key(), leavingTier, Departure.EVICTED)) {
      memory.remove(block);
      counters.memoryEvictions.increment();
    }
  }

  /** Keeps a block after all that was leaving; lets it go where the index has no memory for it. */
  void stay(BlockHeader header) {
    try {
      index.eviction().moveBack(header, leavingTier, TIER);
    } catch (OutOfMemoryError e) {
      endLeaving(header.ref());
    }
  }

  String name() {
    return memory.name();
  }

  /** The header of a block that is in DRAM. */
  @Nullable BlockHeader header(BlockRef ref) {
    return memory.find(ref) instanceof FindOutcome.Found(BlockHeader header) ? header : null;
  }

  /** The block if it is in DRAM; the receiver closes it. */
  @Nullable StoredBlock get(BlockRef ref) {
    return memory.get(ref, this) instanceof GetOutcome.Hit(StoredBlock block) ? block : null;
  }

  /**
   * Makes filled memory a block.
   *
   * @param held true to keep it from eviction until {@link BlockIndex#unhold}
   * @param filled closed unless the block is admitted
   */
  Admitted admit(BlockHeader header, Lease filled, boolean held) {
    return admit(StoredBlock.transfer(header, filled), held);
  }

  /** The same for a block whose body lies anywhere in such memory; closed when not admitted. */
  Admitted admit(StoredBlock filled, boolean held) {
    BlockHeader header = filled.header();
    if (!(memory.admit(filled) instanceof PutOutcome.Stored)) {
      return Admitted.PRESENT;
    }
    try {
      index.enter(header, TIER, held);
      return Admitted.NEW;
    } catch (OutOfMemoryError e) {
      memory.remove(header.ref());
      return Admitted.NO_INDEX_MEMORY;
    }
  }

  /** The same, unless the block's passage has ended. */
  Admitted admit(BlockHeader header, Lease filled, boolean held, Passages.Passage passage) {
    Admitted[] admitted = {Admitted.DELETED};
    // Room for it within its quota is not to be made by its own going.
    boolean heldNow = held || index.eviction().hasQuota();
    if (!passage.arrive(() -> admitted[0] = admit(header, filled, heldNow))) {
      filled.close();
    }
    if (admitted[0] == Admitted.NEW && !keepToQuota(header)) {
      return Admitted.OVER_QUOTA;
    }
    if (admitted[0] == Admitted.NEW && heldNow && !held) {
      index.unhold(header.key(), TIER);
    }
    return admitted[0];
  }

  /**
   * Evicts blocks of the newcomer's namespace until that is within its quota, ending pins of its
   * own if need be. Not to be called while a passage arrives.
   *
   * @return false when too few can go: then the newcomer has gone instead
   */
  boolean keepToQuota(BlockHeader newcomer) {
    while (index.eviction().hasQuota() && index.eviction().overQuota(newcomer.namespace(), TIER)) {
      if (!evictOf(newcomer.namespace())
          && !index.settings().releaseOldestPin(newcomer.namespace())) {
        drop(newcomer.ref(), Departure.DROPPED);
        return false;
      }
    }
    return true;
  }

  private boolean evictOf(Fingerprint namespace) {
    Demoter way = demoter;
    if (way == null) {
      BlockRef victim = index.eviction().evictOf(namespace, TIER);
      if (victim == null) {
        return false;
      }
      memory.remove(victim);
      counters.memoryEvictions.increment();
      return true;
    }
    try {
      BlockRef victim = index.eviction().evictOfTo(namespace, TIER, leavingTier);
      if (victim == null) {
        return false;
      }
      way.sendDown(victim);
      return true;
    } catch (OutOfMemoryError e) {
      return false;
    }
  }

  void drop(BlockRef block, Departure reason) {
    if (demoter == null) {
      index.leave(block.key(), TIER, reason);
    } else {
      index.leaveBoth(block.key(), TIER, leavingTier, reason);
    }
    memory.remove(block);
  }
}
