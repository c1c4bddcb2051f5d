package io.kveik.server.tier;

import io.kveik.server.block.BlockHeader;
import io.kveik.server.memory.Lease;

/**
 * A tier at memory speed: never blocks, hands out its own bytes, and lets a writer fill its memory
 * directly instead of copying into it.
 */
public interface MemoryTier extends Tier, BlockBuffers {
  /**
   * Makes a block of memory that this tier's {@link #allocate} gave and the caller has filled.
   * Conditional like {@link #put}; takes over the lease whatever the outcome.
   *
   * @throws IllegalArgumentException when the leased bytes are fewer than the header states
   */
  default PutOutcome admit(BlockHeader header, Lease filled) {
    StoredBlock block;
    try {
      block = StoredBlock.transfer(header, filled);
    } catch (IllegalArgumentException e) {
      filled.close();
      throw e;
    }
    return admit(block);
  }

  /** The same for a block whose body lies anywhere in such memory; takes over the block. */
  PutOutcome admit(StoredBlock filled);
}
