package io.kveik.server.tier;

import io.kveik.server.block.BlockRef;
import java.util.Collection;
import java.util.Set;

/** A tier that removes several blocks for less than one by one. */
public interface BatchRemovingTier extends Tier {
  /**
   * Removes several blocks of one namespace, with the promises of {@link #remove} for each.
   *
   * @return those that may still be there
   */
  Set<BlockRef> removeAll(Collection<BlockRef> blocks);
}
