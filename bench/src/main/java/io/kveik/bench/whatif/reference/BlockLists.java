package io.kveik.bench.whatif.reference;

import java.util.Arrays;

/**
 * Lists of blocks by age. A block is in one of them at most, or in none. O(1) a call, 9 bytes a
 * block for however many lists. Not thread-safe.
 */
final class BlockLists {
  /** No list, and no block. */
  static final int NONE = -1;

  private final byte[] listOf;
  private final int[] older;
  private final int[] younger;
  private final int[] oldest;
  private final int[] youngest;
  private final int[] sizes;

  BlockLists(int blocks, int lists) {
    this.listOf = new byte[blocks];
    this.older = new int[blocks];
    this.younger = new int[blocks];
    this.oldest = new int[lists];
    this.youngest = new int[lists];
    this.sizes = new int[lists];
    Arrays.fill(listOf, (byte) NONE);
    Arrays.fill(oldest, NONE);
    Arrays.fill(youngest, NONE);
  }

  /** The list that a block is in, or {@link #NONE}. */
  int listOf(int block) {
    return listOf[block];
  }

  int size(int list) {
    return sizes[list];
  }

  /** The first to go of a list, or {@link #NONE}. */
  int oldest(int list) {
    return oldest[list];
  }

  /** The next younger block of the same list, or {@link #NONE}. */
  int younger(int block) {
    return younger[block];
  }

  /** Makes a block the youngest of a list, whichever it was in. */
  void renew(int block, int list) {
    remove(block);
    listOf[block] = (byte) list;
    sizes[list]++;
    older[block] = youngest[list];
    younger[block] = NONE;
    if (youngest[list] == NONE) {
      oldest[list] = block;
    } else {
      younger[youngest[list]] = block;
    }
    youngest[list] = block;
  }

  /** Takes a block out of its list, if it is in any. */
  void remove(int block) {
    int list = listOf[block];
    if (list == NONE) {
      return;
    }
    int before = older[block];
    int after = younger[block];
    if (before == NONE) {
      oldest[list] = after;
    } else {
      younger[before] = after;
    }
    if (after == NONE) {
      youngest[list] = before;
    } else {
      older[after] = before;
    }
    listOf[block] = NONE;
    sizes[list]--;
  }

  /** Takes the oldest block out of a list that is not empty, and returns it. */
  int removeOldest(int list) {
    int block = oldest[list];
    remove(block);
    return block;
  }
}
