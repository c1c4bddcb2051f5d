package io.kveik.server.cache;

import java.util.Arrays;

/**
 * When a sample of the blocks was last used, to tell the age at which blocks are evicted: exact for
 * a block that is in the sample, at most {@value #MOST} of them.
 *
 * <p>A block is in it by the bits of its key; when the sample is full, half of the keys leave it.
 * Open addressing with linear probing over primitive arrays, half full at most; O(1), allocates
 * nothing. Owner thread: whoever holds the index lock.
 */
final class UseTimes {
  static final int MOST = 4_096;

  /** Not in the sample. */
  static final long UNKNOWN = Long.MIN_VALUE;

  private static final int SLOTS = 2 * MOST;
  private static final int MASK = SLOTS - 1;
  private static final long MIX = 0x9E3779B97F4A7C15L;

  private final long[] keys = new long[SLOTS];
  private final long[] usedNanos = new long[SLOTS];
  private int size;

  /** Keys whose mixed form has so many leading zero bits are in the sample. */
  private int zeroBits;

  /**
   * @param key the first word of the block's key
   */
  void used(long key, long nowNanos) {
    long mixed = mix(key);
    if (!sampled(mixed)) {
      return;
    }
    int slot = slotOf(mixed);
    if (keys[slot] == 0) {
      if (size == MOST) {
        halve();
        used(key, nowNanos);
        return;
      }
      keys[slot] = mixed;
      size++;
    }
    usedNanos[slot] = nowNanos;
  }

  /** When it was last used; {@link #UNKNOWN} for a block outside the sample. */
  long lastUse(long key) {
    long mixed = mix(key);
    int slot = slotOf(mixed);
    return keys[slot] == 0 ? UNKNOWN : usedNanos[slot];
  }

  /** It is in no tier any more. */
  void forget(long key) {
    int hole = slotOf(mix(key));
    if (keys[hole] == 0) {
      return;
    }
    size--;
    for (int slot = (hole + 1) & MASK; keys[slot] != 0; slot = (slot + 1) & MASK) {
      // Moves back what a search from its home would no longer reach.
      if (((slot - home(keys[slot])) & MASK) >= ((slot - hole) & MASK)) {
        keys[hole] = keys[slot];
        usedNanos[hole] = usedNanos[slot];
        hole = slot;
      }
    }
    keys[hole] = 0;
  }

  int size() {
    return size;
  }

  private void halve() {
    zeroBits++;
    long[] oldKeys = keys.clone();
    long[] oldTimes = usedNanos.clone();
    Arrays.fill(keys, 0);
    size = 0;
    for (int i = 0; i < SLOTS; i++) {
      if (oldKeys[i] != 0 && sampled(oldKeys[i])) {
        int slot = slotOf(oldKeys[i]);
        keys[slot] = oldKeys[i];
        usedNanos[slot] = oldTimes[i];
        size++;
      }
    }
  }

  private boolean sampled(long mixed) {
    return Long.numberOfLeadingZeros(mixed) >= zeroBits;
  }

  /** Where the key is, or the free slot where it would go. */
  private int slotOf(long mixed) {
    int slot = home(mixed);
    while (keys[slot] != 0 && keys[slot] != mixed) {
      slot = (slot + 1) & MASK;
    }
    return slot;
  }

  private static int home(long mixed) {
    return (int) mixed & MASK;
  }

  /** One to one but for 0, which stands for a free slot. */
  private static long mix(long key) {
    long mixed = (key ^ key >>> Integer.SIZE) * MIX;
    mixed ^= mixed >>> Integer.SIZE;
    return mixed == 0 ? 1 : mixed;
  }
}
