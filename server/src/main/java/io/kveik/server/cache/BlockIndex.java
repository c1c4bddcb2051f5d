package io.kveik.server.cache;

import io.kveik.server.block.BlockHeader;
import io.kveik.server.block.BlockKey;
import io.kveik.server.block.Fingerprint;
import io.kveik.server.runtime.Clock;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Predicate;
import java.util.function.ToLongFunction;
import org.jspecify.annotations.Nullable;

/**
 * The exact index: which block is in which tier, how blocks chain, who is evicted next and what is
 * remembered of those that left.
 *
 * <p>{@link #get} is lock-free. Everything that changes structure takes one lock for a few hundred
 * nanoseconds (a prefix touch: once for the whole prefix) and never does I/O under it. Memory:
 * about 350 bytes of heap a block, against payloads of 64 KiB to megabytes.
 */
final class BlockIndex {
  private static final long NANOS_PER_MILLI = 1_000_000;

  /** Blocks and bytes of one namespace, a block counted once however many tiers hold it. */
  record Usage(long blocks, long bytes) {
    static final Usage NONE = new Usage(0, 0);

    Usage plus(long moreBlocks, long moreBytes) {
      return new Usage(blocks + moreBlocks, bytes + moreBytes);
    }
  }

  private final Clock clock;
  private final ReentrantLock lock = new ReentrantLock();
  private final ConcurrentHashMap<BlockKey, BlockEntry> entries = new ConcurrentHashMap<>();
  private final Map<ChainNode.Id, ChainNode> nodes = new HashMap<>();
  private final List<TierPopulation> tiers = new ArrayList<>();
  private final Map<Fingerprint, Usage> usage = new HashMap<>();
  private final GhostTable ghosts;
  private final TreeSet<BlockEntry> expiring =
      new TreeSet<>(
          Comparator.comparingLong((BlockEntry e) -> e.expiresAtNanos)
              .thenComparingLong(e -> e.key.w0())
              .thenComparingLong(e -> e.key.w1()));

  /**
   * @param policies one for each tier, in tier order
   * @param ghostCapacity how many departed blocks to remember
   */
  BlockIndex(List<EvictionPolicy> policies, int ghostCapacity, Clock clock) {
    this.clock = clock;
    this.ghosts = new GhostTable(ghostCapacity, clock.nanoTime());
    for (EvictionPolicy policy : policies) {
      tiers.add(new TierPopulation(tiers.size(), policy));
    }
  }

  /** The block's entry, also when it has expired; null when no tier has it. */
  @Nullable BlockEntry get(BlockKey key) {
    return entries.get(key);
  }

  /**
   * Notes that a tier holds a block.
   *
   * @param held true to keep it from eviction in that tier until {@link #unhold}
   * @return false when the tier was known to hold it already: nothing changed
   */
  boolean enter(BlockHeader header, int tier, long bytes, boolean held) {
    lock.lock();
    try {
      BlockEntry entry = entries.get(header.key());
      if (entry != null && entry.inTier(tier)) {
        return false;
      }
      if (entry == null) {
        entry = create(header);
      }
      place(entry, tier, bytes, held);
      return true;
    } finally {
      lock.unlock();
    }
  }

  /** The depth a block has whose parent bears this label: 0 without such a parent. */
  int depthUnder(Fingerprint namespace, long parentLabel) {
    if (parentLabel == 0) {
      return 0;
    }
    lock.lock();
    try {
      ChainNode parent = nodes.get(new ChainNode.Id(namespace.w0(), parentLabel));
      return parent == null || parent.bearers.isEmpty() ? 0 : parent.depth + 1;
    } finally {
      lock.unlock();
    }
  }

  /** Marks blocks as used, deepest first, in every tier that holds them. */
  void touch(List<BlockEntry> prefix) {
    lock.lock();
    try {
      for (int i = prefix.size() - 1; i >= 0; i--) {
        BlockEntry entry = prefix.get(i);
        if (entry.uses < Integer.MAX_VALUE) {
          entry.uses++;
        }
        for (TierPopulation tier : tiers) {
          Resident resident = entry.resident(tier.ordinal);
          if (resident != null) {
            tier.policy.touched(resident);
          }
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
    lock.lock();
    try {
      BlockEntry entry = entries.get(key);
      Resident resident = entry == null ? null : entry.resident(tier);
      if (resident != null && resident.pinned) {
        resident.pinned = false;
        release(resident);
      }
    } finally {
      lock.unlock();
    }
  }

  /**
   * Takes the least valuable block out of a tier; when that was its last tier, out of the index.
   *
   * @return its key, for the caller to free its bytes; null when everything in the tier is held
   */
  @Nullable BlockKey evict(int tier) {
    lock.lock();
    try {
      Resident victim = tiers.get(tier).policy.victim();
      if (victim == null) {
        return null;
      }
      withdraw(victim, Departure.EVICTED);
      return victim.block.key;
    } finally {
      lock.unlock();
    }
  }

  /** Takes a block out of one tier. False when it was not there. */
  boolean leave(BlockKey key, int tier, Departure reason) {
    lock.lock();
    try {
      BlockEntry entry = entries.get(key);
      Resident resident = entry == null ? null : entry.resident(tier);
      if (resident == null) {
        return false;
      }
      withdraw(resident, reason);
      return true;
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

  /** Blocks whose time is up, at most {@code limit}; they are still in the index. */
  List<BlockKey> expired(int limit) {
    long now = clock.nanoTime();
    List<BlockKey> keys = new ArrayList<>();
    lock.lock();
    try {
      for (BlockEntry entry : expiring) {
        if (keys.size() == limit || !entry.expiredAt(now)) {
          break;
        }
        keys.add(entry.key);
      }
    } finally {
      lock.unlock();
    }
    return keys;
  }

  Optional<GhostTable.Ghost> ghost(BlockKey key) {
    lock.lock();
    try {
      return ghosts.recall(key, clock.nanoTime());
    } finally {
      lock.unlock();
    }
  }

  long blocks() {
    return entries.mappingCount();
  }

  long blocksIn(int tier) {
    return underLock(tiers.get(tier), population -> population.blocks);
  }

  long bytesIn(int tier) {
    return underLock(tiers.get(tier), population -> population.bytes);
  }

  Usage usageOf(Fingerprint namespace) {
    lock.lock();
    try {
      return usage.getOrDefault(namespace, Usage.NONE);
    } finally {
      lock.unlock();
    }
  }

  int namespaces() {
    lock.lock();
    try {
      return usage.size();
    } finally {
      lock.unlock();
    }
  }

  /** For tests: true when a cached block has a parent in the tier that is not held. */
  boolean anyParentEvictable(int tier, Predicate<BlockEntry> among) {
    lock.lock();
    try {
      for (BlockEntry entry : entries.values()) {
        if (entry.inTier(tier) && entry.parent != null && among.test(entry)) {
          for (BlockEntry bearer : entry.parent.bearers) {
            Resident resident = bearer.resident(tier);
            if (resident != null && !resident.held()) {
              return true;
            }
          }
        }
      }
      return false;
    } finally {
      lock.unlock();
    }
  }

  private long underLock(TierPopulation population, ToLongFunction<TierPopulation> figure) {
    lock.lock();
    try {
      return figure.applyAsLong(population);
    } finally {
      lock.unlock();
    }
  }

  private BlockEntry create(BlockHeader header) {
    long scope = header.namespace().w0();
    ChainNode node = nodeAt(new ChainNode.Id(scope, header.label()), header.depth());
    ChainNode parent =
        header.depth() == 0
            ? null
            : nodeAt(new ChainNode.Id(scope, header.parentLabel()), header.depth() - 1);
    BlockEntry entry = new BlockEntry(header, expiryNanos(header), node, parent, tiers.size());
    if (node != null) {
      node.bearers.add(entry);
    }
    if (parent != null) {
      parent.children++;
    }
    if (entry.expiresAtNanos != BlockEntry.NEVER) {
      expiring.add(entry);
    }
    usage.merge(
        entry.namespace, new Usage(1, entry.bodyLength), (a, b) -> a.plus(b.blocks, b.bytes));
    entries.put(entry.key, entry);
    return entry;
  }

  /** The node of that label, made if need be; null when the label is taken at another depth. */
  private @Nullable ChainNode nodeAt(ChainNode.Id id, int depth) {
    ChainNode node = nodes.computeIfAbsent(id, fresh -> new ChainNode(fresh, depth, tiers.size()));
    return node.depth == depth ? node : null;
  }

  private long expiryNanos(BlockHeader header) {
    if (header.expiresAtMillis() == BlockHeader.NEVER_EXPIRES) {
      return BlockEntry.NEVER;
    }
    long leftMillis = header.expiresAtMillis() - clock.wallMillis();
    return clock.nanoTime() + leftMillis * NANOS_PER_MILLI;
  }

  private void place(BlockEntry entry, int tier, long bytes, boolean held) {
    Resident resident = new Resident(entry, tier, bytes);
    resident.hold(entry.node == null ? 0 : entry.node.childrenIn(tier));
    if (held) {
      resident.pinned = true;
      resident.hold(1);
    }
    entry.setResident(tier, resident);
    tiers.get(tier).entered(resident);
    if (entry.parent != null) {
      entry.parent.childEntered(tier);
      for (BlockEntry bearer : entry.parent.bearers) {
        Resident above = bearer.resident(tier);
        if (above != null) {
          above.hold(1);
        }
      }
    }
  }

  private void withdraw(Resident resident, Departure reason) {
    BlockEntry entry = resident.block;
    entry.setResident(resident.tier, null);
    tiers.get(resident.tier).left(resident);
    if (entry.parent != null) {
      entry.parent.childLeft(resident.tier);
      for (BlockEntry bearer : entry.parent.bearers) {
        Resident above = bearer.resident(resident.tier);
        if (above != null) {
          release(above);
        }
      }
    }
    if (!entry.inAnyTier()) {
      forget(entry, reason);
    }
  }

  private void release(Resident resident) {
    if (resident.release()) {
      tiers.get(resident.tier).policy.released(resident);
    }
  }

  private void forget(BlockEntry entry, Departure reason) {
    entries.remove(entry.key);
    if (entry.node != null) {
      entry.node.bearers.remove(entry);
      dropIfUnused(entry.node);
    }
    if (entry.parent != null) {
      entry.parent.children--;
      dropIfUnused(entry.parent);
    }
    if (entry.expiresAtNanos != BlockEntry.NEVER) {
      expiring.remove(entry);
    }
    Usage left =
        usage.merge(
            entry.namespace, new Usage(-1, -entry.bodyLength), (a, b) -> a.plus(b.blocks, b.bytes));
    if (left.blocks == 0) {
      usage.remove(entry.namespace);
    }
    ghosts.remember(entry.key, reason, entry.uses, clock.nanoTime());
  }

  private void dropIfUnused(ChainNode node) {
    if (node.unused()) {
      nodes.remove(node.id);
    }
  }
}
