package io.kveik.server.cache;

import io.kveik.server.block.BlockRef;
import io.kveik.server.block.Fingerprint;
import io.kveik.server.block.TtlKind;
import io.kveik.server.cache.eviction.PolicyKind;
import io.kveik.server.memory.Records;
import io.kveik.server.runtime.Clock;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Changes what the index knows of a block beside its places: its priority, its time to live and its
 * pin. Blocks that the index does not have, or has in another namespace, are left alone.
 *
 * <p>Each call takes the index lock for one block; any thread.
 */
final class BlockSettings {
  private static final long NANOS_PER_MILLI = 1_000_000;

  private final IndexTables tables;
  private final ReentrantLock lock;
  private final BlockRecords blocks;
  private final NamespaceTable namespaces;
  private final ExpiryTable expiry;
  private final BlockFinder finder;
  private final Pins pins;
  private final KeptSettings kept;
  private final Clock clock;

  BlockSettings(IndexTables tables, BlockFinder finder, Pins pins, KeptSettings kept, Clock clock) {
    this.tables = tables;
    this.lock = tables.lock;
    this.blocks = tables.blocks;
    this.namespaces = tables.namespaces;
    this.expiry = tables.expiry;
    this.finder = finder;
    this.pins = pins;
    this.kept = kept;
    this.clock = clock;
  }

  /**
   * Sets how often eviction passes over a block, in all tiers. To eviction the block is as one that
   * has just come in.
   *
   * @param priority 0 to {@link io.kveik.server.block.BlockHeader#MAX_PRIORITY}
   * @return false when it has that priority, or is not there
   */
  boolean setPriority(BlockRef block, int priority) {
    lock.lock();
    try {
      int slot = slotOf(block);
      if (slot == Records.NONE || blocks.priority(slot) == priority) {
        return false;
      }
      blocks.setPriority(slot, priority);
      for (TierPopulation tier : tables.tiers) {
        if (tier.has(slot)) {
          tier.enterPolicyAnew(slot, tables.held(slot, tier));
        }
      }
      return true;
    } finally {
      lock.unlock();
    }
  }

  /**
   * Gives a block another time to live in place of what it has.
   *
   * @param ttlMillis 0: it stays until it is evicted
   * @return false when it is not there
   */
  boolean setTtl(BlockRef block, TtlKind kind, long ttlMillis) {
    lock.lock();
    try {
      int slot = slotOf(block);
      if (slot == Records.NONE) {
        return false;
      }
      tables.reserveForChange();
      if (blocks.is(slot, BlockRecordDescriptor.TTL)) {
        blocks.clear(slot, BlockRecordDescriptor.TTL | BlockRecordDescriptor.TTL_BY_USE);
        expiry.remove(slot);
      }
      if (ttlMillis > 0) {
        tables.setTtl(slot, kind, ttlMillis * NANOS_PER_MILLI, clock.nanoTime());
      }
      return true;
    } finally {
      lock.unlock();
    }
  }

  /**
   * Gives a namespace an eviction policy of its own in every tier that has one: for blocks that
   * come from now on, and those that {@link #followPolicy} is called for.
   *
   * @param kind null: none of its own from now on
   * @throws OutOfMemoryError when the system refuses memory for it: nothing of the namespace
   *     changed
   */
  void setPolicy(Fingerprint namespace, @Nullable PolicyKind kind) {
    lock.lock();
    try {
      if (kind != null) {
        for (TierPopulation tier : tables.tiers) {
          tier.policies.open(kind);
        }
      }
      tables.policies.set(namespace, kind);
      int id = namespaces.idOf(namespace);
      if (id != Records.NONE) {
        namespaces.setPolicy(id, kind);
      }
    } finally {
      lock.unlock();
    }
  }

  /**
   * Gives a block to its namespace's policy in all tiers that hold it. To that it is as one that
   * has just come in; against blocks of other policies it is as old as it was.
   *
   * @return false when it was there everywhere, or is not stored
   * @throws OutOfMemoryError when the system refuses memory for it: nothing changed
   */
  boolean followPolicy(BlockRef block) {
    lock.lock();
    try {
      int slot = slotOf(block);
      if (slot == Records.NONE) {
        return false;
      }
      tables.reserveForChange();
      boolean moved = false;
      for (TierPopulation tier : tables.tiers) {
        if (tier.outsideItsGroup(slot)) {
          tier.enterPolicyAnew(slot, tables.held(slot, tier));
          moved = true;
        }
      }
      return moved;
    } finally {
      lock.unlock();
    }
  }

  Pins.Outcome pin(BlockRef block, long namespaceBytes, int limit) {
    lock.lock();
    try {
      int slot = slotOf(block);
      return slot == Records.NONE ? Pins.Outcome.UNCHANGED : pins.pin(slot, namespaceBytes, limit);
    } finally {
      lock.unlock();
    }
  }

  /** Ends the oldest pin there is; false when there is none. */
  boolean releaseOldestPin() {
    lock.lock();
    try {
      return release(pins.oldest());
    } finally {
      lock.unlock();
    }
  }

  /** Ends the oldest pin of a namespace; false when it has none. */
  boolean releaseOldestPin(Fingerprint namespace) {
    lock.lock();
    try {
      int id = namespaces.idOf(namespace);
      return id != Records.NONE && release(pins.oldestOf(id));
    } finally {
      lock.unlock();
    }
  }

  boolean unpin(BlockRef block) {
    lock.lock();
    try {
      int slot = slotOf(block);
      return slot != Records.NONE && pins.unpin(slot);
    } finally {
      lock.unlock();
    }
  }

  /** Blocks that are pinned. */
  int pinnedBlocks() {
    lock.lock();
    try {
      return pins.count();
    } finally {
      lock.unlock();
    }
  }

  /** Their bytes. */
  long pinnedBytes() {
    lock.lock();
    try {
      return pins.bytes();
    } finally {
      lock.unlock();
    }
  }

  private boolean release(int slot) {
    if (slot == Records.NONE) {
      return false;
    }
    kept.forgetPin(tables.refOf(slot));
    return pins.unpin(slot);
  }

  private int slotOf(BlockRef block) {
    int slot = finder.slotOf(block.key());
    return slot != Records.NONE
            && namespaces.fingerprint(blocks.namespace(slot)).equals(block.namespace())
        ? slot
        : Records.NONE;
  }
}
