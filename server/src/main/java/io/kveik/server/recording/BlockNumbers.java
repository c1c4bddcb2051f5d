package io.kveik.server.recording;

import java.util.Arrays;

/**
 * Numbers the blocks of one file from 0, in the order in which they are added. An open-addressed
 * table of 12 bytes a slot, at most half full; O(1). Not thread-safe.
 */
final class BlockNumbers {
  /** What a search that finds nothing answers. */
  static final int ABSENT = -1;

  private static final int FIRST_SLOTS = 1 << 12;

  private long[] hashes = new long[FIRST_SLOTS];

  /** Per slot: 1 + number, 0 when it is free. */
  private int[] numbers = new int[FIRST_SLOTS];

  private int size;

  /** The block's number, or {@link #ABSENT}. */
  int find(long hash) {
    return numbers[slotOf(hash)] - 1;
  }

  /** Gives the next number to a block that has none. */
  void add(long hash) {
    if (2 * (size + 1) > numbers.length) {
      grow();
    }
    int slot = slotOf(hash);
    hashes[slot] = hash;
    size++;
    numbers[slot] = size;
  }

  void clear() {
    Arrays.fill(numbers, 0);
    size = 0;
  }

  private void grow() {
    long[] oldHashes = hashes;
    int[] oldNumbers = numbers;
    hashes = new long[2 * oldHashes.length];
    numbers = new int[2 * oldNumbers.length];
    for (int i = 0; i < oldNumbers.length; i++) {
      if (oldNumbers[i] != 0) {
        int slot = slotOf(oldHashes[i]);
        hashes[slot] = oldHashes[i];
        numbers[slot] = oldNumbers[i];
      }
    }
  }

  private int slotOf(long hash) {
    int mask = numbers.length - 1;
    int slot = (int) (hash ^ (hash >>> 32)) & mask;
    while (numbers[slot] != 0 && hashes[slot] != hash) {
      slot = (slot + 1) & mask;
    }
    return slot;
  }
}
