package io.kveik.server.cache;

import io.kveik.server.block.BlockHeader;
import io.kveik.server.block.BlockKey;
import io.kveik.server.block.BlockRef;
import io.kveik.server.memory.Records;
import io.kveik.server.runtime.Clock;
import java.util.function.IntConsumer;

/**
 * Puts blocks into tiers and takes them out: their records, their places in chains and in the key
 * table, and who is held for a child that came or went.
 *
 * <p>O(1), or O(blocks that bear one label), at most {@link Chains#MAX_BEARERS}. Owner thread:
 * whoever holds the index lock.
 */
final class Residency {
  private static final long NANOS_PER_MILLI = 1_000_000;

  private final IndexTables tables;
  private final BlockRecords blocks;
  private final Chains chains;
  private final NamespaceTable namespaces;
  private final Pins pins;
  private final KeptSettings kept;
  private final GhostTable ghosts;
  private final UseTimes useTimes;
  private final Clock clock;
  private long blockCount;

  Residency(
      IndexTables tables,
      Pins pins,
      KeptSettings kept,
      GhostTable ghosts,
      UseTimes useTimes,
      Clock clock) {
    this.tables = tables;
    this.blocks = tables.blocks;
    this.chains = tables.chains;
    this.namespaces = tables.namespaces;
    this.pins = pins;
    this.kept = kept;
    this.ghosts = ghosts;
    this.useTimes = useTimes;
    this.clock = clock;
  }

  /** Blocks that are in any tier. */
  long blocks() {
    return blockCount;
  }

  /**
   * Puts a block into a tier.
   *
   * @param known its slot, {@link Records#NONE} for one that is in no tier
   * @param pinned true to hold it there
   * @return false when it is there already: nothing changed
   * @throws OutOfMemoryError when the system refuses memory for it: nothing changed
   */
  boolean enter(int known, BlockHeader header, TierPopulation tier, boolean pinned) {
    if (known != Records.NONE && tier.has(known)) {
      return false;
    }
    tables.reserveForChange();
    boolean isNew = known == Records.NONE;
    int slot = isNew ? create(header) : known;
    place(slot, tier, header.key(), header.bodyLength(), pinned);
    if (isNew || tier.tier == HotMemory.TIER) {
      // What moves down by itself is no use.
      namespaces.used(blocks.namespace(slot), clock.nanoTime());
    }
    if (isNew) {
      // Last, so that whoever finds the block finds all of it.
      tables.slots.add(BlockFinder.tag(header.key().w0()), slot);
      blockCount++;
      useTimes.used(header.key().w0(), clock.nanoTime());
    }
    return true;
  }

  /**
   * Moves a block to a tier that lacks it, as eviction from the one it is in; nobody can miss it in
   * between.
   *
   * @throws OutOfMemoryError when the system refuses memory for it: nothing changed
   */
  BlockRef move(int slot, TierPopulation from, TierPopulation to) {
    tables.reserveForChange();
    place(slot, to, from.key(slot), from.bodyLength(slot), false);
    return withdraw(slot, from, Departure.EVICTED);
  }

  /** Takes a block out of a tier that has it; when that was its last tier, out of the index. */
  BlockRef withdraw(int slot, TierPopulation tier, Departure reason) {
    BlockRef ref = tables.refOf(slot, tier);
    long bodyLength = tier.bodyLength(slot);
    if (tier.kept(slot)) {
      pins.forget(slot);
      kept.forgetPin(ref);
    }
    if (reason == Departure.EVICTED) {
      tier.evictedAfter(useTimes.lastUse(ref.key().w0()), clock.nanoTime());
    }
    tier.leave(slot, reason == Departure.EVICTED);
    int parent = blocks.parent(slot);
    if (parent != Records.NONE && tier.childLeft(parent) == 0) {
      forParents(parent, tier, tier::release);
    }
    if (blocks.tiersOf(slot) == 0) {
      forget(slot, ref, bodyLength, reason);
    }
    return ref;
  }

  private int create(BlockHeader header) {
    int slot = chains.enter(header);
    blocks.setKey(slot, header.key().w0(), header.key().w1());
    BlockTerms terms = kept.terms(header);
    blocks.setPriority(slot, terms.priority());
    namespaces.charge(blocks.namespace(slot), 1, header.bodyLength());
    if (terms.hasTtl()) {
      tables.setTtl(slot, terms.ttlKind(), leftNanos(terms), clock.nanoTime());
    }
    return slot;
  }

  /** From now; below zero for a life that is over. */
  private long leftNanos(BlockTerms terms) {
    long millis =
        switch (terms.ttlKind()) {
          case ABSOLUTE -> terms.endsAtMillis() - clock.wallMillis();
          case LAST_USE, FIRST_USE -> terms.ttlMillis();
        };
    return millis * NANOS_PER_MILLI;
  }

  private void place(int slot, TierPopulation tier, BlockKey key, long bodyLength, boolean pinned) {
    tier.enter(slot, key, bodyLength);
    tier.setPinned(slot, pinned);
    if (tables.held(slot, tier)) {
      tier.hold(slot);
    }
    int parent = blocks.parent(slot);
    if (parent != Records.NONE && tier.childEntered(parent) == 1) {
      forParents(parent, tier, tier::hold);
    }
  }

  /** Does something with the blocks that bear a node's label, unless a pin holds them anyway. */
  private void forParents(int node, TierPopulation tier, IntConsumer action) {
    for (int slot = chains.firstBearer(node); slot != Records.NONE; ) {
      if (tier.has(slot) && !tier.pinned(slot)) {
        action.accept(slot);
      }
      slot = chains.nextBearer(slot);
    }
  }

  private void forget(int slot, BlockRef block, long bodyLength, Departure reason) {
    BlockKey key = block.key();
    // First, so that no reader is left that could take what follows for the block.
    tables.slots.remove(BlockFinder.tag(key.w0()), slot);
    blockCount--;
    ghosts.remember(key, reason, blocks.uses(slot), clock.nanoTime());
    useTimes.forget(key.w0());
    if (blocks.is(slot, BlockRecordDescriptor.TTL)) {
      tables.expiry.remove(slot);
    }
    namespaces.charge(blocks.namespace(slot), -1, -bodyLength);
    chains.leave(slot);
    kept.forget(block);
  }
}
