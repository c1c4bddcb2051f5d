package io.kveik.server.tier.nvme;

import io.kveik.server.block.BlockKey;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Keys whose block is in the log but not in the index, so that the next start may find it again: a
 * removal owes it a tombstone all the same. Once there were more than {@value #LIMIT} any key may
 * be one. Any thread, O(1), about 100 bytes of heap a key.
 */
final class HiddenRecords {
  static final int LIMIT = 10_000;

  private final Set<BlockKey> keys = ConcurrentHashMap.newKeySet();
  private volatile boolean overflowed;

  void add(BlockKey key) {
    if (keys.size() < LIMIT) {
      keys.add(key);
    } else {
      overflowed = true;
    }
  }

  /** A later record says what holds for the key. */
  void remove(BlockKey key) {
    keys.remove(key);
  }

  /** False only when the log certainly has nothing under the key that the index lacks. */
  boolean mayHave(BlockKey key) {
    return overflowed || keys.contains(key);
  }
}
