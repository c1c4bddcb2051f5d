package io.kveik.server.cache;

import io.kveik.server.block.BlockId;
import io.kveik.server.block.BlockKey;
import java.util.List;
import java.util.function.Function;
import java.util.function.LongConsumer;

/**
 * A chain of native blocks. An id stands for all that comes before it, so keys don't depend on one
 * another.
 */
public final class IdChain implements Chain {
  private final List<BlockId> ids;
  private final Function<BlockId, BlockKey> keys;

  /**
   * @param keys derives a block's key in the namespace
   */
  public IdChain(List<BlockId> ids, Function<BlockId, BlockKey> keys) {
    this.ids = ids;
    this.keys = keys;
  }

  @Override
  public int blocks() {
    return ids.size();
  }

  @Override
  public BlockKey key(int index, long parentLabel) {
    return keys.apply(ids.get(index));
  }

  @Override
  public boolean independent() {
    return true;
  }

  @Override
  public void describe(int index, LongConsumer words) {
    ids.get(index).describe(words);
  }
}
