package io.kveik.server.cache;

import io.kveik.server.block.BlockHeader;
import io.kveik.server.block.BlockKey;
import io.kveik.server.block.BlockRef;
import io.kveik.server.block.Fingerprint;
import io.kveik.server.memory.Records;
import io.kveik.server.runtime.Clock;
import org.jspecify.annotations.Nullable;

/**
 * Takes out of a tier, or moves to another, whatever its policy and the shares of namespaces can do
 * without most. Never a block that is held there.
 *
 * <p>Each call takes the index lock once, for one block; any thread. O(1) but for blocks that are
 * passed over, see {@link TierPopulation}.
 */
public final class BlockEviction {
  private final IndexTables tables;
  private final BlockFinder finder;
  private final Residency residency;
  private final Clock clock;
  private final boolean hasQuota;

  BlockEviction(
      IndexTables tables,
      BlockFinder finder,
      Residency residency,
      ShareOptions shareOptions,
      Clock clock) {
    this.tables = tables;
    this.finder = finder;
    this.residency = residency;
    this.clock = clock;
    this.hasQuota = shareOptions.quotaBytes() < Long.MAX_VALUE;
  }

  /**
   * Takes the least valuable block out of a tier; when that was its last tier, out of the index.
   *
   * @return its name, for the caller to free its bytes; null when everything in the tier is held
   */
  public @Nullable BlockRef evict(int tier) {
    TierPopulation population = tables.tiers.get(tier);
    tables.lock.lock();
    try {
      int slot = population.victim(clock.nanoTime());
      return slot == Records.NONE ? null : residency.withdraw(slot, population, Departure.EVICTED);
    } finally {
      tables.lock.unlock();
    }
  }

  /** {@link #evict} among the blocks of one namespace; null also when none was found in time. */
  @Nullable BlockRef evictOf(Fingerprint namespace, int tier) {
    TierPopulation population = tables.tiers.get(tier);
    tables.lock.lock();
    try {
      int slot = victimOf(namespace, population);
      return slot == Records.NONE ? null : residency.withdraw(slot, population, Departure.EVICTED);
    } finally {
      tables.lock.unlock();
    }
  }

  /**
   * Moves the least valuable block of a tier to another, which lacks it; nobody can miss it in
   * between, and its parent is a leaf from now on.
   *
   * @return its name; null when everything in the tier is held
   * @throws OutOfMemoryError when the system refuses memory for it: nothing changed
   */
  @Nullable BlockRef evictTo(int from, int to) {
    TierPopulation source = tables.tiers.get(from);
    tables.lock.lock();
    try {
      int slot = source.victim(clock.nanoTime());
      return slot == Records.NONE ? null : residency.move(slot, source, tables.tiers.get(to));
    } finally {
      tables.lock.unlock();
    }
  }

  /** {@link #evictTo} among the blocks of one namespace; null also when none was found in time. */
  @Nullable BlockRef evictOfTo(Fingerprint namespace, int from, int to) {
    TierPopulation source = tables.tiers.get(from);
    tables.lock.lock();
    try {
      int slot = victimOf(namespace, source);
      return slot == Records.NONE ? null : residency.move(slot, source, tables.tiers.get(to));
    } finally {
      tables.lock.unlock();
    }
  }

  /**
   * Moves a block back that {@link #evictTo} moved. False when it is no longer there.
   *
   * @throws OutOfMemoryError when the system refuses memory for it: nothing changed
   */
  boolean moveBack(BlockHeader header, int from, int to) {
    TierPopulation source = tables.tiers.get(from);
    tables.lock.lock();
    try {
      int slot = finder.slotOf(header.key());
      if (slot == Records.NONE || !source.has(slot)) {
        return false;
      }
      residency.enter(slot, header, tables.tiers.get(to), false);
      residency.withdraw(slot, source, Departure.EVICTED);
      return true;
    } finally {
      tables.lock.unlock();
    }
  }

  /**
   * Whether a tier that is a log should write a block again that is in the way; see {@link
   * io.kveik.server.cache.eviction.LogRetention}.
   *
   * @param above a tier from which the block comes down again, so that it may go while it is there;
   *     the tier itself for none
   * @return false when the tier does not have it
   */
  boolean keep(BlockKey key, int tier, int above) {
    TierPopulation population = tables.tiers.get(tier);
    tables.lock.lock();
    try {
      int slot = finder.slotOf(key);
      return slot != Records.NONE
          && population.has(slot)
          && (above == tier || !tables.tiers.get(above).has(slot))
          && population.keep(slot);
    } finally {
      tables.lock.unlock();
    }
  }

  /** Whether namespaces have a quota at all. */
  boolean hasQuota() {
    return hasQuota;
  }

  /** Whether a namespace holds more in the tier than its quota. */
  boolean overQuota(Fingerprint namespace, int tier) {
    TierPopulation population = tables.tiers.get(tier);
    tables.lock.lock();
    try {
      int id = tables.namespaces.idOf(namespace);
      return id != Records.NONE && population.shares.overQuota(id);
    } finally {
      tables.lock.unlock();
    }
  }

  private int victimOf(Fingerprint namespace, TierPopulation population) {
    int id = tables.namespaces.idOf(namespace);
    return id == Records.NONE ? Records.NONE : population.victimOf(id);
  }
}
