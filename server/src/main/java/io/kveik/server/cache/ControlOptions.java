package io.kveik.server.cache;

/**
 * The limits of control operations.
 *
 * @param threads operations that run at a time
 * @param queue operations that may wait
 * @param owedRemovals removals that tiers may owe at a time
 * @param settleMillis how often tiers are asked for what they owe
 * @param pinnedBytes bytes of DRAM that one namespace may pin
 * @param pinnedBlocks blocks that may be pinned in all
 * @param namespacePolicies namespaces that may have an eviction policy of their own
 * @param prefetchBytes bytes that one prefetch may bring to DRAM
 * @param prefetchAhead blocks that one prefetch fetches at a time
 */
public record ControlOptions(
    int threads,
    int queue,
    int owedRemovals,
    long settleMillis,
    long pinnedBytes,
    int pinnedBlocks,
    int namespacePolicies,
    long prefetchBytes,
    int prefetchAhead) {
  private static final int SHARE_OF_DRAM = 4;

  /** Small limits for a DRAM tier of that size. */
  static ControlOptions small(long dramBytes) {
    return new ControlOptions(
        1, 64, 1_000, 1_000, dramBytes / SHARE_OF_DRAM, 1_000, 10, dramBytes / SHARE_OF_DRAM, 4);
  }
}
