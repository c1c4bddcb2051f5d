package io.kveik.server.cache;

import io.kveik.server.block.BlockKey;
import org.jspecify.annotations.Nullable;

/**
 * The next keys of one lookup and what {@link BlockFinder#readAhead} saw of them. Not thread-safe.
 */
public final class KeyWindow {
  public static final int CAPACITY = TagProbes.CAPACITY;

  private final @Nullable BlockKey[] keys = new BlockKey[CAPACITY];

  /** By place, the key's tag and the first slot that has it. */
  final TagProbes probes = new TagProbes();

  /** By place, the address of that slot's record. */
  final long[] addresses = new long[CAPACITY];

  /** Of {@link io.kveik.server.memory.Records#peek}. */
  long peeked;

  /** Ready for other keys. */
  public void clear() {
    probes.clear();
  }

  /** Adds a key; at most {@link #CAPACITY} between two {@link #clear}s. */
  public void add(BlockKey key) {
    keys[probes.size()] = key;
    probes.add(BlockFinder.tag(key.w0()));
  }

  public int size() {
    return probes.size();
  }

  /** A key by its place, 0 for the first that was added. */
  public BlockKey key(int place) {
    BlockKey key = place < size() ? keys[place] : null;
    if (key == null) {
      throw new IndexOutOfBoundsException("place=" + place + ", must be below " + size());
    }
    return key;
  }
}
