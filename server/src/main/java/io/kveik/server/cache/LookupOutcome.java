package io.kveik.server.cache;

import io.kveik.server.block.BlockKey;
import java.util.List;
import java.util.Optional;

/**
 * The longest prefix present.
 *
 * @param blocks one for each block of the prefix, in order
 * @param stop why it ended there; empty when every block was found
 * @param storageNanos time spent asking tiers
 */
public record LookupOutcome(List<Found> blocks, Optional<Stop> stop, long storageNanos) {
  /**
   * One block of the prefix.
   *
   * @param place the fastest place that has it
   */
  public record Found(BlockKey key, long label, Place place) {}

  /** Where a block lies, fastest first. */
  public enum Place {
    DRAM,
    /** On this server's disk. */
    LOCAL,
    /** In a store that servers share. */
    SHARED
  }

  /** What kind of end the prefix came to. */
  public enum StopReason {
    NEVER_STORED,
    EVICTED,
    EXPIRED,
    CORRUPT,
    DELETED,
    DROPPED,
    TIER_DOWN,
    OVER_BUDGET
  }

  /**
   * Why the prefix ended.
   *
   * @param blockIndex the first block not found
   * @param reason what is known of it
   * @param ageMillis since it left, where that is remembered; else 0
   * @param uses lookups that found it before it left, where that is remembered; else 0
   * @param detail one sentence for a person
   */
  public record Stop(int blockIndex, StopReason reason, long ageMillis, int uses, String detail) {}
}
