package io.kveik.server.tier.object.presence;

import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Blocks that the store does not have although a digest may say so: removed ones, and false
 * positives that were found out. Each is remembered with the time it was so, as a sequence number:
 * what was learned later may bring it back. Bounded, the eldest go first. Any thread, O(1).
 */
final class GoneBlocks {
  static final long NEVER = -1;

  private final Map<Long, Long> sequences;

  GoneBlocks(int limit) {
    this.sequences =
        new LinkedHashMap<>() {
          @Override
          protected boolean removeEldestEntry(Map.Entry<Long, Long> eldest) {
            return size() > limit;
          }
        };
  }

  synchronized void add(long hash, long sequence) {
    sequences.remove(hash);
    sequences.put(hash, sequence);
  }

  synchronized void remove(long hash) {
    sequences.remove(hash);
  }

  /** When it was absent; {@link #NEVER} when that is not known. */
  synchronized long goneAt(long hash) {
    return sequences.getOrDefault(hash, NEVER);
  }

  synchronized int size() {
    return sequences.size();
  }
}
