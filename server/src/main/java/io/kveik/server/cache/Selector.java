package io.kveik.server.cache;

import io.kveik.server.block.BlockKey;
import java.util.List;

/** Which blocks of a namespace an operation is about. */
public sealed interface Selector {
  /** These. */
  record Blocks(List<BlockKey> keys) implements Selector {}

  /** The blocks of a chain, as many of them as are cached without a gap. */
  record OfChain(Chain chain) implements Selector {}

  /**
   * A block and everything cached that continues it, whether it is cached itself or not.
   *
   * @param label the block's, which those that follow it name as their parent's
   */
  record Prefix(BlockKey key, long label) implements Selector {}

  /** A chain's last block and everything cached that continues it; nothing if it isn't cached. */
  record PrefixOfChain(Chain chain) implements Selector {}

  /** The whole namespace. */
  record Everything() implements Selector {}
}
