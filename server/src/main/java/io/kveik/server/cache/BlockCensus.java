package io.kveik.server.cache;

import io.kveik.server.block.BlockRef;
import io.kveik.server.block.Fingerprint;
import io.kveik.server.memory.Records;
import java.util.BitSet;
import java.util.List;
import java.util.OptionalLong;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Tells what the index knows of blocks, one by one or, slice by slice, of all that belong to a
 * namespace or follow a label. Nothing it does counts as use.
 *
 * <p>A slice goes over the block records in the order of their slots and holds the index lock for
 * about 0.1 ms: {@value #SLICE_SLOTS} records, or fewer when finding out whether they follow the
 * label takes {@value #SLICE_STEPS} steps up their chains. Blocks that come or go between two
 * slices may be missed or told; one that stays in the index is told exactly once. O(records) for
 * all slices, since each node of a chain is passed once a slice. Any thread, one at a time.
 */
final class BlockCensus {
  static final int SLICE_SLOTS = 1_000;
  private static final int SLICE_STEPS = 20_000;

  /** Where a census begins; what {@link #slice} answers at its end. */
  static final int START = 1;

  static final int END = 0;

  private final IndexTables tables;
  private final ReentrantLock lock;
  private final BlockRecords blocks;
  private final Chains chains;
  private final NamespaceTable namespaces;
  private final BlockFinder finder;

  // What one slice has found out of nodes: whether they follow the label. Empty between slices.
  private final BitSet following = new BitSet();
  private final BitSet apart = new BitSet();
  private int steps;

  BlockCensus(IndexTables tables, BlockFinder finder) {
    this.tables = tables;
    this.lock = tables.lock;
    this.blocks = tables.blocks;
    this.chains = tables.chains;
    this.namespaces = tables.namespaces;
    this.finder = finder;
  }

  /** Whether any block of the namespace is in any tier, as far as the index knows. */
  boolean hasBlocks(Fingerprint namespace) {
    lock.lock();
    try {
      return namespaces.usageOf(namespace).blocks() > 0;
    } finally {
      lock.unlock();
    }
  }

  /** One block, if it belongs to the namespace that its name says. */
  IndexedBlock find(BlockRef ref) {
    lock.lock();
    try {
      int slot = finder.slotOf(ref.key());
      return slot != Records.NONE
              && namespaces.fingerprint(blocks.namespace(slot)).equals(ref.namespace())
          ? describe(slot)
          : IndexedBlock.unknown(ref);
    } finally {
      lock.unlock();
    }
  }

  /**
   * One slice of a namespace.
   *
   * @param after only blocks that follow the one with this label, however far; empty: all
   * @param from {@link #START}, or what the slice before answered
   * @param most blocks to tell
   * @param found told the blocks
   * @return where to go on; {@link #END} at the end
   */
  int slice(
      Fingerprint namespace, OptionalLong after, int from, int most, List<IndexedBlock> found) {
    lock.lock();
    try {
      int id = namespaces.idOf(namespace);
      int root = after.isEmpty() ? Records.NONE : chains.nodeOf(namespace, after.getAsLong());
      if (id == Records.NONE || (after.isPresent() && root == Records.NONE)) {
        return END;
      }
      steps = 0;
      int slot = from;
      int told = 0;
      while (slot <= blocks.highest()
          && slot - from < SLICE_SLOTS
          && steps < SLICE_STEPS
          && told < most) {
        if (blocks.is(slot, BlockRecordDescriptor.BLOCK)
            && blocks.namespace(slot) == id
            && (root == Records.NONE || follows(slot, root))) {
          found.add(describe(slot));
          told++;
        }
        slot++;
      }
      return slot > blocks.highest() ? END : slot;
    } finally {
      following.clear();
      apart.clear();
      lock.unlock();
    }
  }

  private boolean follows(int slot, int root) {
    int node = blocks.parent(slot);
    while (node != Records.NONE
        && node != root
        && blocks.rank(node) > blocks.rank(root)
        && !following.get(node)
        && !apart.get(node)) {
      node = blocks.parent(node);
      steps++;
    }
    boolean follows = node != Records.NONE && (node == root || following.get(node));
    BitSet known = follows ? following : apart;
    for (int passed = blocks.parent(slot); passed != node; passed = blocks.parent(passed)) {
      known.set(passed);
    }
    return follows;
  }

  private IndexedBlock describe(int slot) {
    TierPopulation tier = tables.anyTierOf(slot);
    TierPopulation dram = tables.tiers.get(HotMemory.TIER);
    return new IndexedBlock(
        tables.refOf(slot, tier),
        blocks.label(slot),
        blocks.rank(slot),
        blocks.tiersOf(slot),
        tier.bodyLength(slot),
        blocks.uses(slot),
        blocks.priority(slot),
        dram.has(slot) && dram.kept(slot),
        blocks.is(slot, BlockRecordDescriptor.TTL) ? tables.expiry.kindOf(slot) : null,
        tables.expiry.expiresAt(slot));
  }
}
