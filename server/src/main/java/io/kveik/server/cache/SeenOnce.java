package io.kveik.server.cache;

import io.kveik.server.block.BlockKey;

/**
 * Remembers keys that were seen once, a bounded number of them, to tell the second time: 8 bytes a
 * key. Set-associative: a key's first word picks a bucket of {@value #WAYS}, the oldest of which
 * goes for a new one; its second word is the tag. Two keys are taken for one with a chance of
 * 2^-61, which costs a block admitted early.
 *
 * <p>O(1), allocates nothing. Any thread.
 */
final class SeenOnce {
  static final int WAYS = 8;

  private final long[] tags;
  private final int bucketMask;

  /**
   * @param capacity keys to remember, rounded up to a power of two of at least one bucket
   */
  SeenOnce(int capacity) {
    int slots = Integer.highestOneBit(Math.max(WAYS, capacity) - 1) << 1;
    this.tags = new long[slots];
    this.bucketMask = slots / WAYS - 1;
  }

  /** True when the key is remembered; it stays so. */
  synchronized boolean remembers(BlockKey key) {
    int base = base(key);
    for (int i = base; i < base + WAYS; i++) {
      if (tags[i] == tag(key)) {
        return true;
      }
    }
    return false;
  }

  /** True when the key was seen, which is forgotten by that; else it is remembered. */
  synchronized boolean again(BlockKey key) {
    int base = base(key);
    long tag = tag(key);
    int at = base;
    while (at < base + WAYS - 1 && tags[at] != tag) {
      at++;
    }
    boolean seen = tags[at] == tag;
    // Youngest first: what is before the place moves on by one, over the key or the oldest.
    System.arraycopy(tags, base, tags, base + 1, at - base);
    tags[base] = seen ? 0 : tag;
    return seen;
  }

  private int base(BlockKey key) {
    return ((int) (key.w0() >>> Integer.SIZE) & bucketMask) * WAYS;
  }

  /** 0 stands for a free place. */
  private static long tag(BlockKey key) {
    return key.w1() == 0 ? 1 : key.w1();
  }
}
