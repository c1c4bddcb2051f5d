package io.kveik.server.cache;

import io.kveik.server.memory.Records;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Blocks that eviction passes over in DRAM because someone asked for it. Soft, so that pins can
 * never wedge the pool: each namespace may pin up to a limit, and when nothing else can be evicted,
 * pins are ended, the oldest first, until something can. A pin ends with the block's stay in DRAM.
 *
 * <p>About 120 bytes of heap a pin. O(1); owner thread: whoever holds the index lock.
 */
final class Pins {
  /** What became of one. */
  enum Outcome {
    PINNED,
    /** It was pinned already, or is not in DRAM. */
    UNCHANGED,
    OVER_BYTES,
    OVER_COUNT
  }

  private record Pin(int namespace, long bytes) {}

  private final TierPopulation dram;
  private final BlockRecords blocks;
  private final IndexTables tables;
  private final Map<Integer, Pin> oldestFirst = new LinkedHashMap<>();
  private final Map<Integer, Long> bytesOf = new HashMap<>();
  private long bytes;

  Pins(IndexTables tables) {
    this.tables = tables;
    this.dram = tables.tiers.get(HotMemory.TIER);
    this.blocks = tables.blocks;
  }

  /**
   * @param namespaceBytes most that the block's namespace may pin
   * @param limit most blocks that may be pinned
   */
  Outcome pin(int slot, long namespaceBytes, int limit) {
    if (!dram.has(slot) || dram.kept(slot)) {
      return Outcome.UNCHANGED;
    }
    int namespace = blocks.namespace(slot);
    long own = dram.bodyLength(slot);
    if (bytesOf.getOrDefault(namespace, 0L) + own > namespaceBytes) {
      return Outcome.OVER_BYTES;
    }
    if (oldestFirst.size() >= limit) {
      return Outcome.OVER_COUNT;
    }
    boolean free = !tables.held(slot, dram);
    dram.setKept(slot, true);
    if (free) {
      dram.hold(slot);
    }
    oldestFirst.put(slot, new Pin(namespace, own));
    bytesOf.merge(namespace, own, Long::sum);
    bytes += own;
    return Outcome.PINNED;
  }

  /** False when it was not pinned. */
  boolean unpin(int slot) {
    if (!dram.has(slot) || !dram.kept(slot)) {
      return false;
    }
    forget(slot);
    dram.setKept(slot, false);
    if (!tables.held(slot, dram)) {
      dram.release(slot);
    }
    return true;
  }

  /** A pinned block is leaving DRAM. */
  void forget(int slot) {
    Pin pin = oldestFirst.remove(slot);
    if (pin != null) {
      bytes -= pin.bytes();
      bytesOf.computeIfPresent(
          pin.namespace(), (_, sum) -> sum == pin.bytes() ? null : sum - pin.bytes());
    }
  }

  /** The slot that has been pinned for longest; {@link Records#NONE} when there is none. */
  int oldest() {
    return oldestFirst.isEmpty() ? Records.NONE : oldestFirst.keySet().iterator().next();
  }

  /** The same among the slots of a namespace, O(pins). */
  int oldestOf(int namespace) {
    for (Map.Entry<Integer, Pin> one : oldestFirst.entrySet()) {
      if (one.getValue().namespace() == namespace) {
        return one.getKey();
      }
    }
    return Records.NONE;
  }

  int count() {
    return oldestFirst.size();
  }

  long bytes() {
    return bytes;
  }
}
