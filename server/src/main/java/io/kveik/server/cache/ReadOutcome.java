package io.kveik.server.cache;

import io.kveik.server.tier.StoredBlock;

/** What a read found. A miss is always legal; wrong bytes never come back as a hit. */
public sealed interface ReadOutcome {
  /**
   * The block, checked; the receiver closes it.
   *
   * @param storageNanos time spent in tiers
   */
  record Hit(StoredBlock block, long storageNanos) implements ReadOutcome {}

  /** No block, and why. */
  record Miss(Reason reason, long storageNanos) implements ReadOutcome {}

  /** Why there was no block. */
  enum Reason {
    ABSENT,
    EXPIRED,
    CORRUPT,
    TIER_DOWN,
    OVER_BUDGET,
    /** All memory was leased or waiting to be written behind. */
    NO_MEMORY
  }
}
