package io.kveik.client;

import java.util.List;
import java.util.Optional;

/**
 * The longest cached prefix of a token sequence.
 *
 * @param cachedBlocks how many whole blocks of the sequence, from its start, are cached
 * @param lastLabel the label of the last of them; 0 when there is none
 * @param blocks one reference per cached block, in order
 * @param stop why the prefix ended; absent when every whole block was found, or when the server did
 *     not say
 * @param timings where the server spent its time
 */
public record LookupResult(
    int cachedBlocks,
    long lastLabel,
    List<BlockRef> blocks,
    Optional<LookupStop> stop,
    ServerTimings timings) {

  /** Copies the list of references. */
  public LookupResult {
    blocks = List.copyOf(blocks);
  }

  /** Nothing is cached. */
  static LookupResult miss() {
    return new LookupResult(0, 0, List.of(), Optional.empty(), ServerTimings.NONE);
  }

  /** How many tokens the cached prefix covers. */
  public int cachedTokens() {
    return cachedBlocks * KveikClient.BLOCK_TOKENS;
  }
}
