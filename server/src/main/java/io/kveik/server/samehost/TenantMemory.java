package io.kveik.server.samehost;

import io.kveik.server.block.BlockKey;
import io.kveik.server.memory.Lease;
import io.kveik.server.tier.StoredBlock;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * One tenant's shared memory: blocks that its clients on this host have asked for. The least
 * recently asked for is the first to go, one under a lease never. Grows by whole segments.
 *
 * <p>Any thread; one lock, not held while a block is copied.
 */
final class TenantMemory {
  /** Gives out whole segments, within the limits of all tenants. */
  interface SegmentSource {
    /**
     * @param tenantBytes what the tenant has already
     * @return null when its share or the budget is spent, or the tmpfs is full
     */
    @Nullable SharedSegment another(long tenantBytes);

    /** Takes a segment back that no client has a lease on. */
    void giveBack(SharedSegment segment);
  }

  /** Over all tenants and segments, so that no two contents ever have the same. */
  private static final AtomicLong GENERATIONS = new AtomicLong();

  private static final int INITIAL_BLOCKS = 64;
  private static final float LOAD_FACTOR = 0.75f;

  private final SegmentSource source;

  // Guarded by this.
  private final List<SharedSegment> segments = new ArrayList<>();
  private final Map<BlockKey, SharedBlock> leastRecentFirst =
      new LinkedHashMap<>(INITIAL_BLOCKS, LOAD_FACTOR, true);

  /** No longer lent, and not free before the last lease on them ends. */
  private final Set<SharedBlock> forgotten = new HashSet<>();

  private long bytes;
  private int users;

  TenantMemory(SegmentSource source) {
    this.source = source;
  }

  synchronized void enter() {
    users++;
  }

  /** True when that was the last user. */
  synchronized boolean leave() {
    return --users == 0;
  }

  /** The block if it is here, pinned. */
  synchronized @Nullable SharedBlock pin(BlockKey key) {
    SharedBlock block = leastRecentFirst.get(key);
    if (block != null) {
      block.pins++;
    }
    return block;
  }

  /** Copies a block in, pinned; null when there is no room but what leases hold. */
  @Nullable SharedBlock copyIn(StoredBlock stored) {
    Room room = room(SharedBlock.bytesFor(stored.header()));
    if (room == null) {
      return null;
    }
    SharedBlock copy =
        SharedBlock.copyOf(stored, room.segment(), room.memory(), GENERATIONS.incrementAndGet());
    synchronized (this) {
      SharedBlock other = leastRecentFirst.putIfAbsent(stored.header().key(), copy);
      SharedBlock kept = other == null ? copy : other;
      if (other != null) {
        copy.free();
      }
      kept.pins++;
      return kept;
    }
  }

  /** Ends one lease on a block. */
  synchronized void unpin(SharedBlock block) {
    block.pins--;
    if (block.pins == 0 && forgotten.remove(block)) {
      block.free();
    }
  }

  /** Forgets a block that the store no longer has; its memory stays while it is leased. */
  synchronized void drop(BlockKey key) {
    SharedBlock block = leastRecentFirst.remove(key);
    if (block == null) {
      return;
    }
    if (block.pins == 0) {
      block.free();
    } else {
      forgotten.add(block);
    }
  }

  /** Gives everything back, if nobody uses it. */
  synchronized boolean closeIfUnused() {
    if (users > 0) {
      return false;
    }
    leastRecentFirst.values().forEach(SharedBlock::free);
    leastRecentFirst.clear();
    forgotten.forEach(SharedBlock::free);
    forgotten.clear();
    segments.forEach(source::giveBack);
    segments.clear();
    bytes = 0;
    return true;
  }

  synchronized long bytes() {
    return bytes;
  }

  synchronized int blocks() {
    return leastRecentFirst.size();
  }

  private record Room(SharedSegment segment, Lease memory) {}

  private synchronized @Nullable Room room(long wanted) {
    Room room = findRoom(wanted);
    if (room == null && grow(wanted)) {
      room = findRoom(wanted);
    }
    Iterator<SharedBlock> oldest = leastRecentFirst.values().iterator();
    while (room == null && oldest.hasNext()) {
      SharedBlock victim = oldest.next();
      if (victim.pins == 0) {
        oldest.remove();
        victim.free();
        room = findRoom(wanted);
      }
    }
    return room;
  }

  private @Nullable Room findRoom(long wanted) {
    for (SharedSegment segment : segments.reversed()) {
      Lease memory = segment.allocate(wanted);
      if (memory != null) {
        return new Room(segment, memory);
      }
    }
    return null;
  }

  private boolean grow(long wanted) {
    SharedSegment fresh = source.another(bytes);
    if (fresh == null) {
      return false;
    }
    segments.add(fresh);
    bytes += fresh.capacityBytes();
    return wanted <= fresh.capacityBytes();
  }
}
