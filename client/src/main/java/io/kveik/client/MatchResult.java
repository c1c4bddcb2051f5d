package io.kveik.client;

import java.util.List;
import java.util.Optional;

/**
 * The longest cached prefix of a chain of blocks.
 *
 * @param blocks of the prefix
 * @param tiers the fastest tier of each of them, run by run
 * @param stop why the prefix ends where it does; empty when the whole chain is cached
 * @param ids of the blocks when tokens were asked for; else empty
 */
public record MatchResult(
    int blocks, List<TierRun> tiers, Optional<LookupStop> stop, List<byte[]> ids) {
  /** Where a block is. */
  public enum Tier {
    UNSPECIFIED,
    DRAM,
    /** On the server's disk. */
    LOCAL,
    /** In a store that servers share. */
    SHARED
  }

  /** So many blocks in a row that lie in one tier. */
  public record TierRun(Tier tier, int blocks) {}
}
