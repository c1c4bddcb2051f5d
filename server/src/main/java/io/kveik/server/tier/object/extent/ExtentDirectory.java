package io.kveik.server.tier.object.extent;

import io.kveik.server.block.BlockKey;
import io.kveik.server.runtime.Clock;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * The extents of one container that this server knows, and so where each of their blocks is. About
 * 60 bytes of heap a block. Any thread; short critical sections, never over I/O.
 */
final class ExtentDirectory {
  /** An extent and its number in the table. */
  private record Known(Extent extent, int number) {}

  private final AtomicLong roomBlocks;
  private final Clock clock;

  /** Guarded by this, like all below. By lineage. */
  private final Map<Long, Known> lineages = new HashMap<>();

  private final LocationTable table = new LocationTable();
  private long bytes;
  private long refusals;
  private boolean closed;

  /**
   * @param roomBlocks how many more blocks may be known, in all containers together
   */
  ExtentDirectory(AtomicLong roomBlocks, Clock clock) {
    this.roomBlocks = roomBlocks;
    this.clock = clock;
  }

  /**
   * One place of a block whose time is not over; null when it is in no extent that is known. All
   * servers pass over what is expired by its table, so that it is gone without a rewriting.
   */
  synchronized Extent.@Nullable Location locate(BlockKey key) {
    long now = clock.wallMillis();
    for (Extent.Location place : table.of(key)) {
      if (!place.expiredAt(now)) {
        return place;
      }
    }
    return null;
  }

  /** All places of a block, those whose time is over included. */
  synchronized List<Extent.Location> allOf(BlockKey key) {
    return table.of(key);
  }

  /** What is known of a lineage; null: nothing. */
  synchronized @Nullable Extent ofLineage(long lineage) {
    Known known = lineages.get(lineage);
    return known == null ? null : known.extent();
  }

  /** True when an extent of so many blocks would be adopted. */
  boolean hasRoom(int more) {
    return roomBlocks.get() >= more;
  }

  /**
   * Takes note of an extent, in place of its lineage's earlier generations; of one that is earlier
   * than what is known nothing is noted.
   *
   * @return false when there is no room for it; then it is as if the lineage were unknown
   */
  synchronized boolean adopt(Extent extent) {
    if (closed) {
      refusals++;
      return false;
    }
    Known known = lineages.get(extent.name().lineage());
    if (known != null) {
      if (known.extent().name().generation() >= extent.name().generation()) {
        return true;
      }
      forget(known);
    }
    if (roomBlocks.addAndGet(-extent.count()) < 0) {
      roomBlocks.addAndGet(extent.count());
      refusals++;
      return false;
    }
    lineages.put(extent.name().lineage(), new Known(extent, table.add(extent)));
    bytes += stored(extent);
    return true;
  }

  /** Extents that were not adopted. */
  synchronized long refusals() {
    return refusals;
  }

  /** Closed, it knows of nothing. */
  synchronized boolean closed() {
    return closed;
  }

  /** The lineage is there no more. */
  synchronized void drop(long lineage) {
    Known known = lineages.get(lineage);
    if (known != null) {
      forget(known);
    }
  }

  /** A block is as good as removed from an extent that will be rewritten without it later. */
  synchronized void hide(Extent.Location place) {
    Known known = lineages.get(place.extent().name().lineage());
    if (known != null && known.extent() == place.extent()) {
      table.remove(place.extent(), place.index());
    }
  }

  private void forget(Known known) {
    Extent extent = known.extent();
    lineages.remove(extent.name().lineage());
    table.remove(known.number());
    roomBlocks.addAndGet(extent.count());
    bytes -= stored(extent);
  }

  /** A lineage's end is a mark that goes after a while, not something that is kept. */
  private static long stored(Extent extent) {
    return extent.count() == 0 ? 0 : extent.blobLength();
  }

  /** A copy of the names, those of ended lineages included. */
  synchronized Set<Long> lineages() {
    return new HashSet<>(lineages.keySet());
  }

  /** A copy; those of ended lineages included. */
  synchronized List<Extent> extents() {
    List<Extent> all = new ArrayList<>(lineages.size());
    lineages.values().forEach(known -> all.add(known.extent()));
    return all;
  }

  /** Blocks that can be found, one in several extents counted as often. */
  synchronized int count() {
    return table.count();
  }

  /** What the extents take in the store. */
  synchronized long bytes() {
    return bytes;
  }

  /** Forgets everything and gives back the room. Idempotent. */
  synchronized void close() {
    List.copyOf(lineages.values()).forEach(this::forget);
    closed = true;
  }
}
