package io.kveik.server.cache;

import io.kveik.server.block.BlockKey;
import org.jspecify.annotations.Nullable;

/**
 * The next keys of one lookup and what {@link BlockFinder#readAhead} saw of them: enough keys that
 * their cache misses overlap, few enough that what they bring stays in the first cache. Not
 * thread-safe.
 */
public final class KeyWindow {
  public static final int CAPACITY = 16;

  private final @Nullable BlockKey[] keys = new BlockKey[CAPACITY];
  private int size;

  /** By place, the version of the key's tag before anything else was read. */
  final int[] versions = new int[CAPACITY];

  /** By place, the first slot of the key's tag. */
  final int[] slots = new int[CAPACITY];

  /** Nobody needs the values: they are kept so that the compiler keeps the reads. */
  final long[] read = new long[CAPACITY];

  /** Ready for other keys. */
  public void clear() {
    size = 0;
  }

  /** Adds a key; at most {@link #CAPACITY} between two {@link #clear}s. */
  public void add(BlockKey key) {
    keys[size++] = key;
  }

  public int size() {
    return size;
  }

  /** A key by its place, 0 for the first that was added. */
  public BlockKey key(int place) {
    BlockKey key = place < size ? keys[place] : null;
    if (key == null) {
      throw new IndexOutOfBoundsException("place=" + place + ", must be below " + size);
    }
    return key;
  }
}
