package io.kveik.server.cache;

import io.kveik.server.block.AckLevel;

/** What became of a write. */
public sealed interface WriteOutcome {
  /**
   * The block is in the store.
   *
   * @param reached what it survives now; may be less than was asked for, never less than said
   * @param alreadyPresent true when it was there before and this write changed nothing
   * @param storageNanos time spent in tiers and waiting for them
   */
  record Stored(AckLevel reached, boolean alreadyPresent, long storageNanos)
      implements WriteOutcome {}

  /** Not stored: a limit was hit. Trying again later may work. */
  record Busy(String limit, String detail) implements WriteOutcome {}

  /** Not stored: the bytes are not those the writer took the checksum of. */
  record ChecksumMismatch(int claimedCrc32c, int actualCrc32c) implements WriteOutcome {}
}
