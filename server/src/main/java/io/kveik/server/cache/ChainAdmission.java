package io.kveik.server.cache;

import io.kveik.server.block.BlockRef;
import io.kveik.server.block.Fingerprint;
import io.kveik.server.cache.EarlyBlocks.Verdict;
import io.kveik.server.memory.Records;
import io.kveik.server.runtime.Clock;

/**
 * Makes room in DRAM for blocks that are written, where no tier lies below it: a chain for which
 * there is too little room is cut off at its far end.
 *
 * <p>Clients write a chain root first. In a DRAM of a few requests the policy's victim may be the
 * end of the very chain that is being written; whatever followed would then take room for nothing,
 * as no lookup reaches it. So
 *
 * <ol>
 *   <li>a block whose parent is the victim is not admitted, unless something that follows it is
 *       here already (writes overtake each other): then some of that goes;
 *   <li>a block that follows one that was evicted or not admitted is not admitted either. That is
 *       known until a lookup in the namespace misses, after which all may be written again;
 *   <li>a block that is ahead of one that it follows is admitted: its parent is only late. Where
 *       the victim is a block of these same writes, it may lead to the newcomer, and another that
 *       is ahead goes instead;
 *   <li>before any of that, those go that were ahead of a block which has turned out to be gone.
 * </ol>
 *
 * To the policy a block that is not admitted is one that came and was evicted at once, as happens
 * to the far end of a chain that comes deepest first.
 *
 * <p>Each call takes the index lock once; any thread. O(1): beside what {@link
 * TierPopulation#victim} passes over {@value EarlyBlocks#LOOKED_AT} blocks that are ahead of
 * others, {@value #MOST_STEPS} steps up the chain of each.
 */
final class ChainAdmission {
  /** So many blocks and lookups later a block's parent is no more expected. */
  static final int PATIENCE = 256;

  /** How far up a chain to look for a gap. */
  static final int MOST_STEPS = RankLowering.MAX_CLIMB;

  /** What came of making room for a block. */
  sealed interface Room {
    /**
     * A block has gone.
     *
     * @param victim for the caller to free its bytes
     */
    record Evicted(BlockRef victim) implements Room {}

    /** No lookup would reach the newcomer, now or once the victim has gone for it. */
    record NotAdmitted() implements Room {}

    /** Everything is held. */
    record AllHeld() implements Room {}
  }

  private static final Room NOT_ADMITTED = new Room.NotAdmitted();
  private static final Room ALL_HELD = new Room.AllHeld();

  private final IndexTables tables;
  private final BlockRecords blocks;
  private final TierPopulation dram;
  private final Residency residency;
  private final GhostTable ghosts;
  private final Clock clock;
  private final EarlyBlocks early;

  /** Of blocks that were evicted or not admitted. */
  private final RecentLabels gone = new RecentLabels();

  ChainAdmission(
      IndexTables tables, BlockFinder finder, Residency residency, GhostTable ghosts, Clock clock) {
    this.tables = tables;
    this.blocks = tables.blocks;
    this.dram = tables.tiers.get(HotMemory.TIER);
    this.residency = residency;
    this.ghosts = ghosts;
    this.clock = clock;
    this.early = new EarlyBlocks(finder);
  }

  /** A lookup did not find all of a chain: the rest of it may now be written. */
  void missed(Fingerprint namespace) {
    tables.lock.lock();
    try {
      gone.forget(namespace, dram.now());
    } finally {
      tables.lock.unlock();
    }
  }

  /** Takes a block out of DRAM for another, unless the newcomer is the one to give way. */
  Room makeRoomFor(WriteCommand newcomer) {
    tables.lock.lock();
    try {
      int parent = parentOf(newcomer);
      int gap = parent == Records.NONE ? Records.NONE : gapAbove(parent);
      if (isCutOff(newcomer, parent, gap)) {
        return notAdmitted(newcomer);
      }
      boolean ahead =
          newcomer.parentLabel() != 0 && (parent == Records.NONE || gap != Records.NONE);
      int useless =
          early.take((slot, cameAt) ->
              slot != Records.NONE && slot == parent ? Verdict.WATCH : ifUseless(slot, cameAt));
      if (useless != Records.NONE) {
        return evict(useless, newcomer, ahead);
      }
      int victim = dram.victim(clock.nanoTime());
      if (victim == Records.NONE) {
        return ALL_HELD;
      }
      boolean forItsParent = victim == parent && isOnlyBearer(parent);
      if (!forItsParent && !(ahead && cameWith(newcomer, victim))) {
        return evict(victim, newcomer, ahead);
      }
      int other =
          early.take(
              (slot, _) -> slot == parent ? Verdict.WATCH : ifAhead(slot, newcomer.namespace()));
      if (other == Records.NONE && forItsParent) {
        other = isFollowed(newcomer) ? dram.victimBut(parent, clock.nanoTime()) : Records.NONE;
        return other == Records.NONE ? notAdmitted(newcomer) : evict(other, newcomer, ahead);
      }
      return evict(other == Records.NONE ? victim : other, newcomer, ahead);
    } finally {
      tables.lock.unlock();
    }
  }

  private Room evict(int victim, WriteCommand newcomer, boolean ahead) {
    long label = blocks.label(victim);
    BlockRef ref = residency.withdraw(victim, dram, Departure.EVICTED);
    gone.add(ref.namespace(), label);
    gone.remove(newcomer.namespace(), newcomer.label());
    if (ahead) {
      early.add(newcomer.key(), dram.now());
    }
    return new Room.Evicted(ref);
  }

  private Room notAdmitted(WriteCommand newcomer) {
    gone.add(newcomer.namespace(), newcomer.label());
    ghosts.remember(newcomer.key(), Departure.EVICTED, 0, clock.nanoTime());
    int namespace = tables.namespaces.idOf(newcomer.namespace());
    if (namespace != Records.NONE) {
      try {
        tables.reserveForChange();
        dram.passBy(
            namespace,
            newcomer,
            tables.chains.depthUnder(newcomer.namespace(), newcomer.parentLabel()));
      } catch (OutOfMemoryError e) {
        // The policy does without.
      }
    }
    return NOT_ADMITTED;
  }

  /** Whether the newcomer follows a block that is known to have gone. */
  private boolean isCutOff(WriteCommand newcomer, int parent, int gap) {
    if (gap != Records.NONE) {
      return gone.has(newcomer.namespace(), blocks.label(gap));
    }
    return parent == Records.NONE
        && newcomer.parentLabel() != 0
        && gone.has(newcomer.namespace(), newcomer.parentLabel());
  }

  /** Whether a block came since a lookup missed in the newcomer's namespace, which is also its. */
  private boolean cameWith(WriteCommand newcomer, int slot) {
    return blocks.namespace(slot) == tables.namespaces.idOf(newcomer.namespace())
        && dram.cameSince(slot, gone.forgottenAt(newcomer.namespace()));
  }

  private Verdict ifUseless(int slot, int cameAt) {
    boolean overdue = dram.now() - cameAt > PATIENCE;
    if (slot == Records.NONE || !dram.has(slot)) {
      return overdue ? Verdict.DROP : Verdict.WATCH;
    }
    int gap = gapAbove(slot);
    if (gap == Records.NONE) {
      return Verdict.DROP;
    }
    if (tables.held(slot, dram)) {
      return Verdict.WATCH;
    }
    Fingerprint namespace = tables.namespaces.fingerprint(blocks.namespace(gap));
    return overdue || gone.has(namespace, blocks.label(gap)) ? Verdict.TAKE : Verdict.WATCH;
  }

  private Verdict ifAhead(int slot, Fingerprint namespace) {
    boolean goes =
        slot != Records.NONE
            && dram.has(slot)
            && blocks.namespace(slot) == tables.namespaces.idOf(namespace)
            && !tables.held(slot, dram)
            && gapAbove(slot) != Records.NONE;
    return goes ? Verdict.TAKE : Verdict.WATCH;
  }

  /** The node that no block bears the label of and a block follows, near or far; or none. */
  private int gapAbove(int slot) {
    if (!Rank.floats(blocks.rank(slot))) {
      return Records.NONE;
    }
    int at = slot;
    for (int steps = 0; steps < MOST_STEPS; steps++) {
      int node = blocks.parent(at);
      if (node == Records.NONE) {
        return Records.NONE;
      }
      at = tables.chains.firstBearer(node);
      if (at == Records.NONE) {
        return node;
      }
    }
    return Records.NONE;
  }

  private boolean isFollowed(WriteCommand newcomer) {
    int node = tables.chains.nodeOf(newcomer.namespace(), newcomer.label());
    return node != Records.NONE && dram.children(node) > 0;
  }

  /** Where several blocks bear the parent's label, none of them is known to be the parent. */
  private boolean isOnlyBearer(int parent) {
    return tables.chains.nextBearer(parent) == Records.NONE;
  }

  /** The first block that bears the parent's label; {@link Records#NONE} without one. */
  private int parentOf(WriteCommand newcomer) {
    if (newcomer.parentLabel() == 0) {
      return Records.NONE;
    }
    int node = tables.chains.nodeOf(newcomer.namespace(), newcomer.parentLabel());
    return node == Records.NONE ? Records.NONE : tables.chains.firstBearer(node);
  }
}
