package io.kveik.server.prefetch;

import io.kveik.server.block.BlockKey;
import java.util.ArrayList;
import java.util.List;

/**
 * Where a chain of blocks ended, and a few blocks before: the last ones, then at distances that
 * double. Caches evict from the end of a chain, so when it is wanted again one of these is still
 * there, at most as far from where the rest ends as that is from the old end.
 *
 * @param keys deepest first, at most {@value #MOST}
 */
record Trail(List<BlockKey> keys) {
  static final int MOST = 32;

  static final Trail EMPTY = new Trail(List.of());

  /** The trail of a whole chain, root first. */
  static Trail of(List<BlockKey> chain) {
    List<BlockKey> keys = new ArrayList<>();
    for (int back = 1; back <= chain.size() && keys.size() < MOST; back *= 2) {
      keys.add(chain.get(chain.size() - back));
    }
    return new Trail(List.copyOf(keys));
  }

  /** The same with one block more at its end. */
  Trail then(BlockKey key) {
    if (!keys.isEmpty() && keys.getFirst().equals(key)) {
      return this;
    }
    List<BlockKey> longer = new ArrayList<>(keys.size() + 1);
    longer.add(key);
    longer.addAll(keys.subList(0, Math.min(keys.size(), MOST - 1)));
    return new Trail(List.copyOf(longer));
  }
}
