package io.kveik.server.cache;

import io.kveik.server.block.BlockKey;
import java.util.function.LongConsumer;

/**
 * A chain of v1 blocks: a block is its namespace, the label its parent bears and its own {@value
 * #BLOCK_TOKENS} tokens. Not thread-safe; one per request.
 */
public final class TokenChain implements Chain {
  public static final int BLOCK_TOKENS = 128;

  /** Tokens by position: keeps the wire's own list from being copied. */
  @FunctionalInterface
  public interface Tokens {
    long at(int position);
  }

  /** Derives keys in the namespace. */
  @FunctionalInterface
  public interface Keys {
    /**
     * @param parentLabel what the block before it bears; 0 for the first
     * @param tokens its own; used again after the call
     */
    BlockKey key(long parentLabel, long[] tokens);
  }

  private final Keys keys;
  private final Tokens tokens;
  private final int blocks;

  /** The tokens of the block at hand. */
  private final long[] block = new long[BLOCK_TOKENS];

  /**
   * @param tokenCount tokens there are; a tail that fills no block is left out
   */
  public TokenChain(Keys keys, Tokens tokens, int tokenCount) {
    this.keys = keys;
    this.tokens = tokens;
    this.blocks = tokenCount / BLOCK_TOKENS;
  }

  @Override
  public int blocks() {
    return blocks;
  }

  @Override
  public boolean independent() {
    return false;
  }

  @Override
  public void describe(int index, LongConsumer words) {
    int from = index * BLOCK_TOKENS;
    for (int i = 0; i < BLOCK_TOKENS; i++) {
      words.accept(tokens.at(from + i));
    }
  }

  @Override
  public BlockKey key(int index, long parentLabel) {
    int from = index * BLOCK_TOKENS;
    for (int i = 0; i < BLOCK_TOKENS; i++) {
      block[i] = tokens.at(from + i);
    }
    return keys.key(parentLabel, block);
  }
}
