package io.kveik.server.cache;

import org.jspecify.annotations.Nullable;

/**
 * One block's place in one bounded tier: what an {@link EvictionPolicy} sees and links. Guarded by
 * the index lock.
 */
public final class Resident {
  final BlockEntry block;
  final int tier;
  final long bytes;

  /** Cached children in the same tier, plus one while the block waits to be written behind. */
  private int holds;

  /** True while one of the holds is for the write-behind. */
  boolean pinned;

  // The policy's own fields: intrusive, so that a hit allocates nothing.
  @Nullable Resident older;
  @Nullable Resident younger;
  long tick;
  int reprieves;
  boolean linked;

  Resident(BlockEntry block, int tier, long bytes) {
    this.block = block;
    this.tier = tier;
    this.bytes = bytes;
  }

  /** True while the block must not be evicted from this tier. */
  public boolean held() {
    return holds > 0;
  }

  public int priority() {
    return block.priority;
  }

  void hold(int count) {
    holds += count;
  }

  /** True when this was the last hold. */
  boolean release() {
    if (holds <= 0) {
      throw new IllegalStateException("hold count of " + block.key + " would go below zero");
    }
    return --holds == 0;
  }
}
