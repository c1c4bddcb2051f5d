package io.kveik.server.cache.eviction;

/**
 * What a policy may know of a block that comes in. Filled anew for each block by whoever owns it,
 * so that telling costs no allocation. Not thread-safe.
 */
public final class BlockTraits {
  /** 64 bits of the block's key: the same whenever the block comes back. */
  public long identity;

  /** 0 to {@link io.kveik.server.block.BlockHeader#MAX_PRIORITY}. */
  public int priority;

  /** Blocks before it in its chain. */
  public int depth;

  /** Length of its body. */
  public long bodyBytes;
}
