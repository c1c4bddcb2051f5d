package io.kveik.bench.block;

import java.util.HexFormat;
import java.util.List;

/**
 * What a store may need to name a block of a run.
 *
 * @param number of the block; its tokens and payload follow from it
 * @param label its chained label, which names the whole prefix up to it
 * @param parentLabel that of the block before it; 0 for a first one
 */
public record BlockName(long number, long label, long parentLabel) {
  /** Characters of a {@link #key}. */
  public static final int KEY_CHARS = 16;

  /** A name for stores that know only keys: the label in hexadecimal digits. */
  public String key() {
    return HexFormat.of().toHexDigits(label);
  }

  /** Its tokens. */
  public long[] tokens() {
    return tokens(List.of(this));
  }

  /** The tokens of a chain of blocks, one block after the other. */
  public static long[] tokens(List<BlockName> chain) {
    long[] tokens = new long[chain.size() * BlockContent.TOKENS];
    for (int i = 0; i < chain.size(); i++) {
      BlockContent.fillTokens(chain.get(i).number(), tokens, i * BlockContent.TOKENS);
    }
    return tokens;
  }
}
