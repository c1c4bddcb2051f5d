package io.kveik.server.cache;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.PriorityQueue;

/**
 * The deepest of the blocks it is told, a bounded number of them. A subtree is taken down from its
 * leaves in such batches: a block that leaves before those that continue it would cut them off from
 * what they are found by. O(log limit) a block; not thread-safe.
 */
final class DeepestBlocks {
  private final int limit;
  private final PriorityQueue<IndexedBlock> shallowestFirst =
      new PriorityQueue<>(Comparator.comparingInt(IndexedBlock::rank));

  DeepestBlocks(int limit) {
    this.limit = limit;
  }

  void add(IndexedBlock block) {
    shallowestFirst.add(block);
    if (shallowestFirst.size() > limit) {
      shallowestFirst.remove();
    }
  }

  /** True when there may have been more. */
  boolean full() {
    return shallowestFirst.size() == limit;
  }

  /** Deepest first. */
  List<IndexedBlock> drain() {
    List<IndexedBlock> blocks = new ArrayList<>(shallowestFirst.size());
    IndexedBlock next;
    while ((next = shallowestFirst.poll()) != null) {
      blocks.add(next);
    }
    return blocks.reversed();
  }
}
