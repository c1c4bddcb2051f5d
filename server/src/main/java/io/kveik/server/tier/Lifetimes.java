package io.kveik.server.tier;

import io.kveik.server.block.BlockHeader;

/** Who knows whether a stored block's time to live is over: it may have been set anew since. */
@FunctionalInterface
public interface Lifetimes {
  /** What headers say is all there is. */
  Lifetimes OF_HEADERS = BlockHeader::expiredAt;

  /**
   * @param wallMillis now, epoch milliseconds
   * @return false also where it depends on uses
   */
  boolean over(BlockHeader header, long wallMillis);
}
