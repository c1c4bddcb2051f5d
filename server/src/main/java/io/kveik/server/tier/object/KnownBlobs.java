package io.kveik.server.tier.object;

import io.kveik.server.block.BlockRef;

/**
 * What this server knows to be in a shared tier: a hash table of block to size, for the tier's
 * account of itself. Any thread, one at a time, O(1).
 *
 * <p>Open addressing with linear probing over 64 bits of the key, which is a keyed hash already:
 * two blocks that share them are taken for one, which costs the account and nothing else. 32 bytes
 * per block at half load. A block beyond the limit is not counted.
 */
final class KnownBlobs {
  private static final int FIRST_CAPACITY = 1_024;
  private static final long FREE = 0;

  private final int limit;
  private long[] tags = new long[FIRST_CAPACITY];
  private long[] sizes = new long[FIRST_CAPACITY];
  private int count;
  private long bytes;

  KnownBlobs(int limit) {
    this.limit = limit;
  }

  synchronized void add(BlockRef block, long size) {
    long tag = tag(block);
    int at = slotOf(tag);
    if (tags[at] == FREE) {
      if (count >= limit) {
        return;
      }
      if (2 * (count + 1) > tags.length) {
        grow();
        at = slotOf(tag);
      }
      tags[at] = tag;
      count++;
    }
    bytes += size - sizes[at];
    sizes[at] = size;
  }

  synchronized void remove(BlockRef block) {
    int hole = slotOf(tag(block));
    if (tags[hole] == FREE) {
      return;
    }
    count--;
    bytes -= sizes[hole];
    // Whoever probed past the hole moves back into it, so that no search ends early.
    int mask = tags.length - 1;
    for (int at = (hole + 1) & mask; tags[at] != FREE; at = (at + 1) & mask) {
      int home = (int) tags[at] & mask;
      if (((at - home) & mask) >= ((at - hole) & mask)) {
        tags[hole] = tags[at];
        sizes[hole] = sizes[at];
        hole = at;
      }
    }
    tags[hole] = FREE;
    sizes[hole] = 0;
  }

  synchronized int count() {
    return count;
  }

  synchronized long bytes() {
    return bytes;
  }

  private int slotOf(long tag) {
    int mask = tags.length - 1;
    int at = (int) tag & mask;
    while (tags[at] != FREE && tags[at] != tag) {
      at = (at + 1) & mask;
    }
    return at;
  }

  private void grow() {
    long[] oldTags = tags;
    long[] oldSizes = sizes;
    tags = new long[2 * oldTags.length];
    sizes = new long[2 * oldTags.length];
    for (int i = 0; i < oldTags.length; i++) {
      if (oldTags[i] != FREE) {
        int at = slotOf(oldTags[i]);
        tags[at] = oldTags[i];
        sizes[at] = oldSizes[i];
      }
    }
  }

  private static long tag(BlockRef block) {
    long tag = block.key().w1() ^ block.namespace().w1();
    return tag == FREE ? 1 : tag;
  }
}
