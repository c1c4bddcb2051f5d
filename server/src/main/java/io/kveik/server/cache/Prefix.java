package io.kveik.server.cache;

import java.util.Arrays;

/** Blocks that a lookup has found, root first, for {@link BlockIndex#touch}. Not thread-safe. */
public final class Prefix {
  private static final int FIRST_CAPACITY = 16;

  private int[] slots = new int[FIRST_CAPACITY];
  private long[] keys = new long[FIRST_CAPACITY];
  private int size;

  public void add(BlockView block) {
    if (size == slots.length) {
      slots = Arrays.copyOf(slots, 2 * size);
      keys = Arrays.copyOf(keys, 2 * size);
    }
    slots[size] = block.slot;
    keys[size] = block.key0;
    size++;
  }

  int slot(int index) {
    return slots[index];
  }

  /** The first word of the block's key: tells whether the slot is still its own. */
  long key0(int index) {
    return keys[index];
  }
}
