package io.kveik.server.tier.nvme;

import io.kveik.server.block.BlockKey;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.IntUnaryOperator;

/**
 * From key to {@link Location}, and what lives in each segment.
 *
 * <p>{@value #SHARDS} open-addressing tables of their own lock, linear probing, doubled when three
 * quarters full; removal shifts back what follows, so there are no tombstones. An entry is 24 bytes
 * (half of the key's 256 uniform bits, and the location), so a block takes 32 to 64 bytes. Two keys
 * share an entry with a chance of 2^-128 a pair, and a record is read only for its whole key.
 *
 * <p>Any thread; O(1) expected.
 */
final class LocationIndex {
  private static final int SHARDS = 64;

  private final Shard[] shards = new Shard[SHARDS];
  private final AtomicIntegerArray blocksBySlot = new AtomicIntegerArray(NvmeLayout.MAX_SLOTS);
  private final LongAdder blocks = new LongAdder();
  private final LongAdder bytes = new LongAdder();

  LocationIndex() {
    for (int i = 0; i < SHARDS; i++) {
      shards[i] = new Shard();
    }
  }

  /** {@link Location#NONE} when the key is not there. */
  long get(BlockKey key) {
    Shard shard = shardOf(key);
    synchronized (shard) {
      return shard.get(key.w2(), key.w3());
    }
  }

  /** Replaces what was there. */
  void put(BlockKey key, long location) {
    Shard shard = shardOf(key);
    synchronized (shard) {
      account(shard.put(key.w2(), key.w3(), location), location);
    }
  }

  /** No effect when the key is not there. */
  void remove(BlockKey key) {
    Shard shard = shardOf(key);
    synchronized (shard) {
      account(shard.remove(key.w2(), key.w3()), Location.NONE);
    }
  }

  /** Blocks whose location is in that segment. */
  int blocksIn(int slot) {
    return blocksBySlot.get(slot);
  }

  long blocks() {
    return blocks.sum();
  }

  /** What the records of all blocks take. */
  long bytes() {
    return bytes.sum();
  }

  private void account(long before, long after) {
    if (before != Location.NONE) {
      blocksBySlot.decrementAndGet(Location.slot(before));
      blocks.decrement();
      bytes.add(-Location.recordBytes(before));
    }
    if (after != Location.NONE) {
      blocksBySlot.incrementAndGet(Location.slot(after));
      blocks.increment();
      bytes.add(Location.recordBytes(after));
    }
  }

  private Shard shardOf(BlockKey key) {
    return shards[(int) key.w1() & (SHARDS - 1)];
  }

  /** One table, guarded by itself. */
  private static final class Shard {
    private static final int FIRST_CAPACITY = 16;
    private static final int STRIDE = 3;
    private static final int LOCATION = 2;

    private long[] entries = new long[FIRST_CAPACITY * STRIDE];
    private int used;

    long get(long k0, long k1) {
      return entries[find(k0, k1) * STRIDE + LOCATION];
    }

    long put(long k0, long k1, long location) {
      int at = find(k0, k1);
      long before = entries[at * STRIDE + LOCATION];
      set(at, k0, k1, location);
      if (before == Location.NONE && ++used > capacity() / 4 * 3) {
        grow();
      }
      return before;
    }

    long remove(long k0, long k1) {
      int hole = find(k0, k1);
      long before = entries[hole * STRIDE + LOCATION];
      if (before == Location.NONE) {
        return before;
      }
      used--;
      IntUnaryOperator next = i -> (i + 1) & (capacity() - 1);
      // Whatever would not be found any more with the hole in its way moves into it.
      for (int at = next.applyAsInt(hole);
          entries[at * STRIDE + LOCATION] != Location.NONE;
          at = next.applyAsInt(at)) {
        int home = home(entries[at * STRIDE]);
        boolean reachable = hole <= at ? hole < home && home <= at : hole < home || home <= at;
        if (!reachable) {
          System.arraycopy(entries, at * STRIDE, entries, hole * STRIDE, STRIDE);
          hole = at;
        }
      }
      set(hole, 0, 0, Location.NONE);
      return before;
    }

    /** Where the key is, or the empty place where it would be. */
    private int find(long k0, long k1) {
      int at = home(k0);
      while (entries[at * STRIDE + LOCATION] != Location.NONE
          && (entries[at * STRIDE] != k0 || entries[at * STRIDE + 1] != k1)) {
        at = (at + 1) & (capacity() - 1);
      }
      return at;
    }

    private void grow() {
      long[] old = entries;
      entries = new long[Math.multiplyExact(old.length, 2)];
      for (int i = 0; i < old.length; i += STRIDE) {
        if (old[i + LOCATION] != Location.NONE) {
          set(find(old[i], old[i + 1]), old[i], old[i + 1], old[i + LOCATION]);
        }
      }
    }

    private void set(int at, long k0, long k1, long location) {
      entries[at * STRIDE] = k0;
      entries[at * STRIDE + 1] = k1;
      entries[at * STRIDE + LOCATION] = location;
    }

    private int home(long k0) {
      return (int) k0 & (capacity() - 1);
    }

    private int capacity() {
      return entries.length / STRIDE;
    }
  }
}
