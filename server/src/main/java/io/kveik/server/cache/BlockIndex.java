package io.kveik.server.cache;

import io.kveik.server.block.BlockHeader;
import io.kveik.server.block.BlockKey;
import io.kveik.server.block.BlockRef;
import io.kveik.server.block.Fingerprint;
import io.kveik.server.block.TurnEnd;
import io.kveik.server.cache.eviction.EvictionPolicy;
import io.kveik.server.memory.RecordMemory;
import io.kveik.server.memory.Records;
import io.kveik.server.runtime.Clock;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.ToLongFunction;
import org.jspecify.annotations.Nullable;

/**
 * The exact index: which block is in which tier, how blocks chain, who is evicted next and what is
 * remembered of those that left.
 *
 * <p>This is what changes as blocks come, are used and go. {@link #finder} looks blocks up without
 * a lock, {@link #eviction} makes room, {@link #census} tells many blocks, {@link #settings}
 * changes what is known of one. All but finds take one lock for a few hundred nanoseconds (a prefix
 * touch: once for the whole prefix) and never do I/O under it. Any thread.
 *
 * <p>What it keeps where, and how many bytes a block takes: {@link IndexTables}.
 */
public final class BlockIndex implements AutoCloseable {
  private final Clock clock;
  private final IndexTables tables;
  private final ReentrantLock lock;
  private final BlockFinder finder;
  private final Residency residency;
  private final BlockEviction eviction;
  private final ChainAdmission admission;
  private final BlockCensus census;
  private final BlockSettings settings;
  private final GhostTable ghosts;
  private final UseTimes useTimes = new UseTimes();

  /** An index in memory of its own, in the system's usual pages. */
  public BlockIndex(
      int tierCount, EvictionPolicy.Factory policies, int ghostCapacity, Clock clock) {
    this(tierCount, policies, ghostCapacity, clock, RecordMemory.open());
  }

  /** An index whose tiers are all under one kind of policy. */
  public BlockIndex(
      int tierCount,
      EvictionPolicy.Factory policies,
      int ghostCapacity,
      Clock clock,
      RecordMemory memory) {
    this(
        Collections.nCopies(tierCount, policies),
        ShareOptions.NONE,
        ghostCapacity,
        KeptSettings.forgetful(),
        clock,
        memory);
  }

  /**
   * @param policies makes each tier's policy; 1 to {@link BlockRecordDescriptor#MAX_TIERS}
   * @param shareOptions how namespaces share each of them
   * @param ghostCapacity how many departed blocks to remember
   * @param kept what has been set for blocks that come in
   * @param memory for the records; taken over
   */
  public BlockIndex(
      List<EvictionPolicy.Factory> policies,
      ShareOptions shareOptions,
      int ghostCapacity,
      KeptSettings kept,
      Clock clock,
      RecordMemory memory) {
    this.clock = clock;
    this.tables = new IndexTables(policies, shareOptions, memory);
    this.lock = tables.lock;
    this.ghosts = new GhostTable(ghostCapacity, clock.nanoTime());
    this.finder = new BlockFinder(tables);
    Pins pins = new Pins(tables);
    this.residency = new Residency(tables, pins, kept, ghosts, useTimes, clock);
    this.eviction = new BlockEviction(tables, finder, residency, shareOptions, clock);
    this.admission = new ChainAdmission(tables, finder, residency, ghosts, clock);
    this.census = new BlockCensus(tables, finder);
    this.settings = new BlockSettings(tables, finder, pins, kept, clock);
  }

  public BlockFinder finder() {
    return finder;
  }

  public BlockEviction eviction() {
    return eviction;
  }

  ChainAdmission admission() {
    return admission;
  }

  BlockCensus census() {
    return census;
  }

  BlockSettings settings() {
    return settings;
  }

  /**
   * Notes that a tier holds a block.
   *
   * @param held true to keep it from eviction in that tier until {@link #unhold}
   * @return false when the tier was known to hold it already: nothing changed
   * @throws OutOfMemoryError when the system refuses memory for it: nothing changed
   */
  public boolean enter(BlockHeader header, int tier, boolean held) {
    lock.lock();
    try {
      return residency.enter(finder.slotOf(header.key()), header, tables.tiers.get(tier), held);
    } finally {
      lock.unlock();
    }
  }

  /** {@link #enter} for what can do without: false when the system refuses memory for it. */
  boolean note(BlockHeader header, int tier) {
    try {
      enter(header, tier, false);
      return true;
    } catch (OutOfMemoryError e) {
      return false;
    }
  }

  /** The depth a block has whose parent bears this label: 0 without such a parent. */
  int depthUnder(Fingerprint namespace, long parentLabel) {
    if (parentLabel == 0) {
      return 0;
    }
    lock.lock();
    try {
      return tables.chains.depthUnder(namespace, parentLabel);
    } finally {
      lock.unlock();
    }
  }

  /**
   * Notes one lookup and marks what it found as used, deepest first, in every tier that holds it;
   * blocks that have left since they were found are passed over.
   *
   * @param size how many of the prefix; may be 0
   */
  public void touch(Prefix prefix, int size) {
    BlockRecords blocks = tables.blocks;
    long now = clock.nanoTime();
    lock.lock();
    try {
      for (TierPopulation tier : tables.tiers) {
        tier.policies.requested();
      }
      for (int i = size - 1; i >= 0; i--) {
        int slot = prefix.slot(i);
        if (blocks.is(slot, BlockRecordDescriptor.BLOCK) && blocks.key0(slot) == prefix.key0(i)) {
          blocks.countUse(slot);
          if (blocks.is(slot, BlockRecordDescriptor.TTL_BY_USE)) {
            tables.expiry.used(slot, now);
          }
          useTimes.used(prefix.key0(i), now);
          tables.namespaces.used(blocks.namespace(slot), now);
          for (TierPopulation tier : tables.tiers) {
            tier.touch(slot);
          }
        }
      }
    } finally {
      lock.unlock();
    }
  }

  /**
   * Tells the policies why the turn ended that used these blocks last; passes over what has left.
   */
  void turnEnded(List<BlockKey> keys, TurnEnd end) {
    lock.lock();
    try {
      for (BlockKey key : keys) {
        int slot = finder.slotOf(key);
        if (slot != Records.NONE) {
          tables.tiers.forEach(tier -> tier.hint(slot, end));
        }
      }
    } finally {
      lock.unlock();
    }
  }

  /**
   * Ends the hold that {@link #enter} was asked for; no effect when the block has left the tier.
   */
  void unhold(BlockKey key, int tier) {
    TierPopulation population = tables.tiers.get(tier);
    lock.lock();
    try {
      int slot = finder.slotOf(key);
      if (slot != Records.NONE && population.has(slot) && population.pinned(slot)) {
        population.setPinned(slot, false);
        if (!tables.held(slot, population)) {
          population.release(slot);
        }
      }
    } finally {
      lock.unlock();
    }
  }

  /** {@link #leave} for a block that may be moving between two tiers: it is in neither then. */
  boolean leaveBoth(BlockKey key, int one, int other, Departure reason) {
    lock.lock();
    try {
      boolean wasInOne = leave(key, one, reason);
      return leave(key, other, reason) || wasInOne;
    } finally {
      lock.unlock();
    }
  }

  /** Takes a block out of one tier. False when it was not there. */
  boolean leave(BlockKey key, int tier, Departure reason) {
    TierPopulation population = tables.tiers.get(tier);
    lock.lock();
    try {
      int slot = finder.slotOf(key);
      if (slot == Records.NONE || !population.has(slot)) {
        return false;
      }
      residency.withdraw(slot, population, reason);
      return true;
    } finally {
      lock.unlock();
    }
  }

  /** The block before this one in its chain; null when that is in no tier, or there is none. */
  @Nullable BlockKey parentOf(BlockKey key) {
    lock.lock();
    try {
      int slot = finder.slotOf(key);
      int parent = slot == Records.NONE ? Records.NONE : tables.blocks.parent(slot);
      int bearer = parent == Records.NONE ? Records.NONE : tables.chains.firstBearer(parent);
      return bearer == Records.NONE ? null : tables.refOf(bearer).key();
    } finally {
      lock.unlock();
    }
  }

  /** Remembers a block that never got in. */
  void rememberDropped(BlockKey key) {
    lock.lock();
    try {
      ghosts.remember(key, Departure.DROPPED, 0, clock.nanoTime());
    } finally {
      lock.unlock();
    }
  }

  /** True for a block that is still in the index though its time is up. Takes no lock. */
  boolean expired(BlockKey key) {
    BlockView known = new BlockView();
    return finder.find(key, known) && known.expiredAt(clock.nanoTime());
  }

  /** True for a block that the tier holds and whose time is not up. Takes no lock. */
  boolean livesIn(BlockKey key, int tier) {
    BlockView known = new BlockView();
    return finder.find(key, known) && known.inTier(tier) && !known.expiredAt(clock.nanoTime());
  }

  /** Blocks whose time is up, at most {@code limit}; they are still in the index. */
  List<BlockRef> expired(int limit) {
    List<BlockRef> over = new ArrayList<>();
    lock.lock();
    try {
      if (!finder.closed()) {
        tables.expiry.expired(clock.nanoTime(), limit, slot -> over.add(tables.refOf(slot)));
      }
    } finally {
      lock.unlock();
    }
    return over;
  }

  Optional<GhostTable.Ghost> ghost(BlockKey key) {
    lock.lock();
    try {
      return ghosts.recall(key, clock.nanoTime());
    } finally {
      lock.unlock();
    }
  }

  public long blocks() {
    return underLock(residency, Residency::blocks);
  }

  long blocksIn(int tier) {
    return underLock(tables.tiers.get(tier), TierPopulation::blocks);
  }

  long bytesIn(int tier) {
    return underLock(tables.tiers.get(tier), TierPopulation::bytes);
  }

  /** Payload and attributes of a namespace's blocks in a tier. */
  long bytesIn(int tier, Fingerprint namespace) {
    TierPopulation population = tables.tiers.get(tier);
    lock.lock();
    try {
      int id = tables.namespaces.idOf(namespace);
      return id == Records.NONE ? 0 : population.shares.bytesOf(id);
    } finally {
      lock.unlock();
    }
  }

  /** See {@link TierPopulation#evictionAgeMillis}. */
  long evictionAgeMillis(int tier) {
    return underLock(tables.tiers.get(tier), TierPopulation::evictionAgeMillis);
  }

  /** Off-heap bytes that were ever in use: what the index keeps resident. */
  public long usedBytes() {
    return underLock(tables.memory, RecordMemory::usedBytes);
  }

  NamespaceTable.Usage usageOf(Fingerprint namespace) {
    lock.lock();
    try {
      return tables.namespaces.usageOf(namespace);
    } finally {
      lock.unlock();
    }
  }

  int namespaces() {
    lock.lock();
    try {
      return tables.namespaces.count();
    } finally {
      lock.unlock();
    }
  }

  /**
   * Gives the memory back. From now on nothing is found; changes are bugs and throw {@link
   * IllegalStateException}.
   */
  @Override
  public void close() {
    lock.lock();
    try {
      if (!finder.closed()) {
        finder.close();
        tables.memory.close();
      }
    } finally {
      lock.unlock();
    }
  }

  /** For tests, which look at what holds what. */
  IndexTables tables() {
    return tables;
  }

  private <T> long underLock(T part, ToLongFunction<T> figure) {
    lock.lock();
    try {
      return figure.applyAsLong(part);
    } finally {
      lock.unlock();
    }
  }
}
