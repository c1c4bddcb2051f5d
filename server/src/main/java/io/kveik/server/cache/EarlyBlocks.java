package io.kveik.server.cache;

import io.kveik.server.block.BlockKey;
import io.kveik.server.memory.Records;
import org.jspecify.annotations.Nullable;

/**
 * Blocks that were let into a full DRAM ahead of one that they follow.
 *
 * <p>The latest {@value #LIMIT}, 12 bytes and a key each. A call looks at {@value #LOOKED_AT} of
 * them at most, going round, and drops those that need no more watching: O(1), allocates nothing.
 * Owner thread: whoever holds the index lock.
 */
final class EarlyBlocks {
  /** Most that are watched at a time. */
  static final int LIMIT = 256;

  /** More than one client has writes under way that may overtake each other. */
  static final int LOOKED_AT = 64;

  /** What is to become of one of them. */
  enum Verdict {
    WATCH,
    /** It needs no more watching. */
    DROP,
    /** It goes. */
    TAKE
  }

  /** Decides on one of them. */
  @FunctionalInterface
  interface Judge {
    /**
     * @param slot {@link Records#NONE} for one that has left, or has not been filled yet
     * @param cameAt as it was added with
     */
    Verdict judge(int slot, int cameAt);
  }

  private final BlockFinder finder;
  private final @Nullable BlockKey[] keys = new BlockKey[LIMIT];
  private final int[] cameAt = new int[LIMIT];
  private int size;

  /** Where the next look begins. */
  private int place;

  EarlyBlocks(BlockFinder finder) {
    this.finder = finder;
  }

  /** Watches one more; one that has been watched for long gives way if need be. */
  void add(BlockKey key, int now) {
    int free = size < LIMIT ? size++ : advance();
    keys[free] = key;
    cameAt[free] = now;
  }

  /** The slot of the first that is to go, watched no more; {@link Records#NONE} without one. */
  int take(Judge judge) {
    for (int looks = Math.min(size, LOOKED_AT); looks > 0; looks--) {
      int at = advance();
      BlockKey key = keys[at];
      int slot = key == null ? Records.NONE : finder.slotOf(key);
      switch (judge.judge(slot, cameAt[at])) {
        case WATCH -> {}
        case DROP -> drop(at);
        case TAKE -> {
          drop(at);
          return slot;
        }
      }
    }
    return Records.NONE;
  }

  private int advance() {
    place = place + 1 < size ? place + 1 : 0;
    return place;
  }

  private void drop(int at) {
    size--;
    keys[at] = keys[size];
    cameAt[at] = cameAt[size];
    keys[size] = null;
  }
}
