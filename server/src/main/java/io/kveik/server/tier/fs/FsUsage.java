package io.kveik.server.tier.fs;

import java.util.concurrent.atomic.LongAdder;

/**
 * The account of blocks and disk bytes, per leaf directory and in total. Per leaf so that where the
 * account may be off (a file changed size under the tier) a recount of one small directory mends
 * it.
 *
 * <p>The caller holds the leaf's lock to change it; totals are read by any thread. 768 KiB of heap.
 */
final class FsUsage {
  private final int[] leafBlocks = new int[FsLayout.LEAVES];
  private final long[] leafBytes = new long[FsLayout.LEAVES];
  private final LongAdder blocks = new LongAdder();
  private final LongAdder bytes = new LongAdder();

  void added(int leaf, long diskBytes) {
    set(leaf, leafBlocks[leaf] + 1, leafBytes[leaf] + diskBytes);
  }

  void removed(int leaf, long diskBytes) {
    set(leaf, leafBlocks[leaf] - 1, leafBytes[leaf] - diskBytes);
  }

  /** Replaces what was on the account. */
  void set(int leaf, int countedBlocks, long countedBytes) {
    blocks.add(countedBlocks - leafBlocks[leaf]);
    bytes.add(countedBytes - leafBytes[leaf]);
    leafBlocks[leaf] = countedBlocks;
    leafBytes[leaf] = countedBytes;
  }

  long blocks() {
    return blocks.sum();
  }

  long bytes() {
    return bytes.sum();
  }
}
