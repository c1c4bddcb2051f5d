package io.kveik.server.tier;

import io.kveik.server.block.BlockRef;
import io.kveik.server.block.Fingerprint;

/**
 * A tier that other servers write to as well, across a network. So it is never listed at start, and
 * what the index lacks may yet be in it; and it keeps an account of its own health, one per storage
 * account, so that nobody takes it out of use as a whole because one account fails.
 */
public interface SharedTier extends Tier {
  /**
   * Whether it is worth asking for a block that the index does not know. No I/O; false only where
   * the block is certainly not there.
   */
  default boolean mayHold(BlockRef block) {
    return true;
  }

  /** Whether calls for the namespace have a chance now. No I/O. */
  default boolean reachable(Fingerprint namespace) {
    return true;
  }
}
