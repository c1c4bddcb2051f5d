package io.kveik.server.cache;

import io.kveik.server.block.BlockRef;
import io.kveik.server.block.TtlKind;
import io.kveik.server.cache.eviction.EvictionPolicy;
import io.kveik.server.cache.eviction.PolicyKind;
import io.kveik.server.memory.RecordMemory;
import io.kveik.server.memory.Records;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;

/**
 * What the parts of the index share: its tables and the lock that guards them, but for what {@link
 * BlockFinder} reads without it. The lock is held for hundreds of nanoseconds, never over I/O.
 *
 * <p>All of it but the ghosts and a directory of pages (4 bytes for 600 blocks) lies off-heap, in
 * fixed-size records that refer to each other by number; {@link BlockRecordDescriptor} has their
 * layouts. Back of the envelope, bytes a block:
 *
 * <pre>
 *   look-up record    32   key 16, label 8, namespace 4, uses, tiers and flags 4
 *   link record       12   rank 4, parent 4, next 4
 *   its place by key  13   an 8-byte word, pages 62 % full     {@link TagTable}
 *   its label bucket   4   one head a block                    {@link LabelTable}
 *                     --
 *                     61   and for each tier that holds it:
 *   number in record   4
 *   resident record   32   rest of the key 16, block 4, children 4, bytes 4, flags 4
 *   policy            20   {@link PolicyKind}: last use, place, links, priority
 *                     --
 *                     56   and for a block with a TTL 57 more  {@link ExpiryTable}
 *                          and up to 144 for what the policy remembers of four blocks that went
 * </pre>
 *
 * Memory grows with the blocks and is used again, not returned, when they leave; the tiers'
 * capacities bound it.
 */
final class IndexTables {
  /** More records of any one table than one block that enters can take. */
  private static final int RECORDS_OF_A_CHANGE = 16;

  final ReentrantLock lock = new ReentrantLock();
  final RecordMemory memory;
  final BlockRecords blocks;

  /** Slots of block records by their key's tag. */
  final TagTable slots;

  final NamespacePolicies policies = new NamespacePolicies();
  final NamespaceTable namespaces;
  final Chains chains;
  final ExpiryTable expiry;

  /** By their ordinal; DRAM first. */
  final List<TierPopulation> tiers;

  /**
   * @param factories makes each tier's policy; 1 to {@link BlockRecordDescriptor#MAX_TIERS}
   * @param memory for the records; taken over
   */
  IndexTables(
      List<EvictionPolicy.Factory> factories, ShareOptions shareOptions, RecordMemory memory) {
    int tierCount = factories.size();
    if (tierCount < 1 || tierCount > BlockRecordDescriptor.MAX_TIERS) {
      throw new IllegalArgumentException(
          "tierCount=" + tierCount + ", must be 1 to " + BlockRecordDescriptor.MAX_TIERS);
    }
    this.memory = memory;
    this.blocks = new BlockRecords(memory, tierCount);
    this.slots = new TagTable(memory);
    this.namespaces = new NamespaceTable(memory, tierCount, policies);
    this.chains = new Chains(blocks, namespaces, memory);
    this.expiry = new ExpiryTable(memory);
    List<TierPopulation> populations = new ArrayList<>();
    for (int tier = 0; tier < tierCount; tier++) {
      Shares shares = new Shares(namespaces, tier, shareOptions);
      populations.add(
          new TierPopulation(tier, blocks, namespaces, factories.get(tier), shares, memory));
    }
    this.tiers = List.copyOf(populations);
  }

  /**
   * Sees to it that one change finds the records it needs.
   *
   * @throws OutOfMemoryError when the system refuses memory for them: nothing changed
   */
  void reserveForChange() {
    for (TierPopulation tier : tiers) {
      tier.policies.prepare();
    }
    memory.reserve(RECORDS_OF_A_CHANGE);
  }

  /** True when something holds a block in a tier that has it: a pin, or children there. */
  boolean held(int slot, TierPopulation tier) {
    int node = chains.nodeOf(slot);
    return tier.pinned(slot) || (node != Records.NONE && tier.children(node) > 0);
  }

  /**
   * Gives a block that has none a time to live.
   *
   * @param ttlNanos from now, or from the use that the kind names
   */
  void setTtl(int slot, TtlKind kind, long ttlNanos, long nowNanos) {
    expiry.add(slot, kind, ttlNanos, nowNanos);
    blocks.set(
        slot,
        kind == TtlKind.ABSOLUTE
            ? BlockRecordDescriptor.TTL
            : BlockRecordDescriptor.TTL | BlockRecordDescriptor.TTL_BY_USE);
  }

  /** A block that is in some tier. */
  BlockRef refOf(int slot) {
    return refOf(slot, anyTierOf(slot));
  }

  /** A block that is in the tier. */
  BlockRef refOf(int slot, TierPopulation tier) {
    return new BlockRef(namespaces.fingerprint(blocks.namespace(slot)), tier.key(slot));
  }

  /** The first tier that has a block which is in some tier. */
  TierPopulation anyTierOf(int slot) {
    for (TierPopulation tier : tiers) {
      if (tier.has(slot)) {
        return tier;
      }
    }
    throw new IllegalStateException("slot " + slot + " is in no tier");
  }
}
