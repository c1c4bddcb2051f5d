package io.kveik.server.tier;

import io.kveik.server.block.BlockRef;

/**
 * A tier that keeps its capacity by itself: it can't free the room of one block at a time, so it
 * asks which of those that are in the way are worth to stay.
 *
 * <p>{@link Tier#put} makes the room; nobody else has to.
 */
public interface SelfEvictingTier extends Tier {
  /** Who knows what a block is worth. Called on any thread inside a call to the tier. */
  interface Retention {
    /** Whether a block that is in the way should stay; the tier may be unable to follow it. */
    boolean keep(BlockRef block);

    /** The block has left the tier to make room. */
    void evicted(BlockRef block);

    /** The block failed a check outside of any call that asked for it, and has left the tier. */
    void corrupt(BlockRef block);
  }

  /** Without one, nothing is kept. To be called before the tier is used. */
  void retainBy(Retention retention);
}
