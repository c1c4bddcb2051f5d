package io.kveik.bench.block;

import io.kveik.bench.trace.PrefixTrie;
import io.kveik.bench.trace.TraceRequest;
import io.kveik.client.ChainLabels;
import java.util.function.IntUnaryOperator;

/**
 * The chained labels of numbered blocks: computed once, a long per block. A block's number is above
 * that of the block before it in its chain. Immutable and thread-safe.
 */
public final class BlockChains {
  /** Blocks that one id of a trace stands for. */
  public static final int PER_ID = TraceRequest.TOKENS_PER_ID / BlockContent.TOKENS;

  private static final int NONE = -1;

  private final long[] labels;
  private final IntUnaryOperator parentOf;

  /** Computes the labels; about a microsecond each. */
  private BlockChains(int count, IntUnaryOperator parentOf) {
    this.labels = new long[count];
    this.parentOf = parentOf;
    long[] tokens = new long[BlockContent.TOKENS];
    for (int block = 0; block < count; block++) {
      BlockContent.fillTokens(block, tokens, 0);
      labels[block] = ChainLabels.label(parentLabel(block), tokens, 0, BlockContent.TOKENS);
    }
  }

  /** The blocks of a trace: node n is the {@value #PER_ID} blocks from {@value #PER_ID} n on. */
  public static BlockChains ofTrie(PrefixTrie trie) {
    return new BlockChains(trie.size() * PER_ID, block -> parentInTrie(trie, block));
  }

  /**
   * Separate prompts: prompt p is the blocks from p * length on.
   *
   * @param count of prompts
   * @param length blocks of each
   */
  public static BlockChains ofPrompts(int count, int length) {
    return new BlockChains(
        Math.multiplyExact(count, length), block -> block % length == 0 ? NONE : block - 1);
  }

  /** The blocks of a request with these nodes, in order. */
  public static int[] ofNodes(int[] nodes) {
    int[] blocks = new int[nodes.length * PER_ID];
    for (int i = 0; i < blocks.length; i++) {
      blocks[i] = nodes[i / PER_ID] * PER_ID + i % PER_ID;
    }
    return blocks;
  }

  /** How many blocks there are. */
  public int count() {
    return labels.length;
  }

  /** The chained label of a block. */
  public long label(int block) {
    return labels[block];
  }

  /** The chained label of the block before it; 0 for a first one. */
  public long parentLabel(int block) {
    int parent = parentOf.applyAsInt(block);
    return parent == NONE ? 0 : labels[parent];
  }

  /** All that names a block. */
  public BlockName name(int block) {
    return new BlockName(block, label(block), parentLabel(block));
  }

  private static int parentInTrie(PrefixTrie trie, int block) {
    if (block % PER_ID != 0) {
      return block - 1;
    }
    int parent = trie.parent(block / PER_ID);
    return parent == PrefixTrie.ROOT ? NONE : parent * PER_ID + PER_ID - 1;
  }
}
