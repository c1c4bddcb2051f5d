package io.kveik.server.cache;

/**
 * The engine's limits.
 *
 * @param ghosts departed blocks to remember, 16 bytes each
 * @param lookupBudgetMillis a lookup that asks tiers answers within this, with what it has
 * @param lookupProbes blocks that one lookup asks tiers for at a time
 * @param readBudgetMillis a read that asks tiers is a miss after this
 * @param queueWaitMillis a write waits this long for room in a write-behind queue, then goes on
 *     without
 * @param ackWaitMillis a write waits this long for the ack level it asked for, then answers with
 *     the level reached
 * @param queueBlocks blocks that may wait to be written behind, per tier
 * @param queueBytes bytes that may wait to be written behind, per tier; they stay in DRAM
 * @param writers threads that write behind, per tier
 * @param tierRetryMillis a tier that failed repeatedly is asked again after this
 * @param hugePages whether the index asks the system for huge pages
 * @param movement how blocks move between the tiers
 * @param shares how namespaces share DRAM and the tiers whose blocks the engine evicts
 */
public record EngineOptions(
    int ghosts,
    long lookupBudgetMillis,
    int lookupProbes,
    long readBudgetMillis,
    long queueWaitMillis,
    long ackWaitMillis,
    int queueBlocks,
    long queueBytes,
    int writers,
    long tierRetryMillis,
    boolean hugePages,
    MovementOptions movement,
    ShareOptions shares) {
  /** With {@link MovementOptions#UNBOUNDED} and {@link ShareOptions#NONE}. */
  public EngineOptions(
      int ghosts,
      long lookupBudgetMillis,
      int lookupProbes,
      long readBudgetMillis,
      long queueWaitMillis,
      long ackWaitMillis,
      int queueBlocks,
      long queueBytes,
      int writers,
      long tierRetryMillis,
      boolean hugePages) {
    this(
        ghosts,
        lookupBudgetMillis,
        lookupProbes,
        readBudgetMillis,
        queueWaitMillis,
        ackWaitMillis,
        queueBlocks,
        queueBytes,
        writers,
        tierRetryMillis,
        hugePages,
        MovementOptions.UNBOUNDED,
        ShareOptions.NONE);
  }

  EngineOptions with(MovementOptions other) {
    return new EngineOptions(
        ghosts,
        lookupBudgetMillis,
        lookupProbes,
        readBudgetMillis,
        queueWaitMillis,
        ackWaitMillis,
        queueBlocks,
        queueBytes,
        writers,
        tierRetryMillis,
        hugePages,
        other,
        shares);
  }

  EngineOptions with(ShareOptions other) {
    return new EngineOptions(
        ghosts,
        lookupBudgetMillis,
        lookupProbes,
        readBudgetMillis,
        queueWaitMillis,
        ackWaitMillis,
        queueBlocks,
        queueBytes,
        writers,
        tierRetryMillis,
        hugePages,
        movement,
        other);
  }
}
