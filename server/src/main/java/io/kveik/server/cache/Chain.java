package io.kveik.server.cache;

import io.kveik.server.block.BlockKey;
import java.util.function.LongConsumer;

/**
 * The keys a lookup walks along. In v1 a block's key depends on the label that the block before it
 * bears in the store, so keys come one at a time; native ones are all known from the start.
 */
public interface Chain {
  /** Full blocks in the sequence. */
  int blocks();

  /**
   * @param index of the block, 0 first; asked for in order
   * @param parentLabel the label of the block before, as stored; 0 for the first
   */
  BlockKey key(int index, long parentLabel);

  /** True when keys don't depend on parent labels, so that they can be had ahead of the lookup. */
  boolean independent();

  /**
   * Tells apart, of all blocks that may follow the same ones in the namespace, this one: for what
   * names blocks otherwise than by their keys. Any thread.
   *
   * @param words gets the same sequence for the same block only
   */
  void describe(int index, LongConsumer words);
}
