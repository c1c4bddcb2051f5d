package io.kveik.bench.replay;

import io.kveik.bench.block.BlockChains;
import io.kveik.bench.block.BlockContent;
import io.kveik.bench.block.BlockName;
import java.util.Arrays;

/** The blocks of one request: how they are named, and the tokens that they stand for. */
final class Prompt {
  private final BlockChains blocks;
  private final int[] chain;
  private final long[] tokens;

  /**
   * @param chain the numbers of the blocks, in order; not copied
   */
  Prompt(BlockChains blocks, int[] chain) {
    this.blocks = blocks;
    this.chain = chain;
    this.tokens = new long[chain.length * BlockContent.TOKENS];
    for (int i = 0; i < chain.length; i++) {
      BlockContent.fillTokens(chain[i], tokens, i * BlockContent.TOKENS);
    }
  }

  /** How many blocks there are. */
  int length() {
    return chain.length;
  }

  /** All that names a block. */
  BlockName name(int index) {
    return blocks.name(chain[index]);
  }

  /** Tokens of all blocks, one block after the other; not copied. */
  long[] tokens() {
    return tokens;
  }

  /** Tokens of one block. */
  long[] tokens(int index) {
    int first = index * BlockContent.TOKENS;
    return Arrays.copyOfRange(tokens, first, first + BlockContent.TOKENS);
  }
}
