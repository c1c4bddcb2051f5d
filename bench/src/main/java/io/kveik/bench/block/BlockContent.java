package io.kveik.bench.block;

import io.kveik.client.KveikClient;

/**
 * Makes the tokens of the block with a given number, a pseudorandom stream keyed by it; its payload
 * comes from {@link PayloadKind}. Stateless.
 */
public final class BlockContent {
  /** Tokens of a block. */
  public static final int TOKENS = KveikClient.BLOCK_TOKENS;

  /**
   * Tokens lie in [{@value}, 2 * 65,536 + {@value}): as many as a vocabulary has, and three bytes
   * each on the wire, so that all blocks of a run have the same size.
   */
  private static final int FIRST_TOKEN = 1 << 14;

  private static final int TOKEN_MASK = (1 << 17) - 1;

  /** The token that takes most bytes on the wire, three, as all others do. */
  public static final long WIDEST_TOKEN = FIRST_TOKEN + TOKEN_MASK;

  private static final long TOKEN_KEY = 0x6B7665696B746F6BL;

  private BlockContent() {}

  /** Writes the block's tokens to {@code tokens[from..from + TOKENS)}. */
  public static void fillTokens(long block, long[] tokens, int from) {
    long state = SplitMix.mix(block ^ TOKEN_KEY);
    for (int i = 0; i < TOKENS; i++) {
      state += SplitMix.GAMMA;
      tokens[from + i] = FIRST_TOKEN + (SplitMix.mix(state) & TOKEN_MASK);
    }
  }
}
