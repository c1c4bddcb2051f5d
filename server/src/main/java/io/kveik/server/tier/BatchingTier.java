package io.kveik.server.tier;

import java.util.List;
import java.util.Optional;

/**
 * A tier that stores and removes several blocks for less than one by one. Whoever has small blocks
 * that can wait gathers those of one namespace and brings them together.
 */
public interface BatchingTier extends BatchRemovingTier {
  /**
   * What is worth gathering.
   *
   * @param largestBlockBytes a longer body goes alone
   * @param bytes a batch with so many in its bodies is complete
   * @param blocks so is one with so many blocks
   * @param waitMillis and one that has been waited for so long
   */
  record Batching(long largestBlockBytes, long bytes, int blocks, long waitMillis) {}

  /** Empty when nothing is to be gathered. The same at each call. */
  Optional<Batching> batching();

  /**
   * Puts several blocks, with the promises of {@link #put} for each.
   *
   * @param blocks of one namespace, at most as many as {@link #batching} says
   * @return what became of each, in their order
   */
  List<PutOutcome> putAll(List<StoredBlock> blocks);
}
