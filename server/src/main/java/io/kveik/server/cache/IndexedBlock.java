package io.kveik.server.cache;

import io.kveik.server.block.BlockRef;
import io.kveik.server.block.TtlKind;
import org.jspecify.annotations.Nullable;

/**
 * What the index knows of one block at one moment.
 *
 * @param label the writer's name of it
 * @param rank its {@link Rank} in its chain
 * @param tiers bit t for tier t; 0: the index does not know the block
 * @param bodyLength bytes of payload and attributes
 * @param uses lookups that found it
 * @param priority how often eviction passes over it
 * @param pinned whether eviction leaves it alone while it can
 * @param ttl what its time to live counts from; null without one
 * @param expiresAtNanos {@link BlockView#NEVER} without a TTL, and for one that has not begun
 */
record IndexedBlock(
    BlockRef ref,
    long label,
    int rank,
    int tiers,
    long bodyLength,
    int uses,
    int priority,
    boolean pinned,
    @Nullable TtlKind ttl,
    long expiresAtNanos) {
  static IndexedBlock unknown(BlockRef ref) {
    return new IndexedBlock(ref, 0, 0, 0, 0, 0, 0, false, null, BlockView.NEVER);
  }

  boolean known() {
    return tiers != 0;
  }

  boolean inTier(int tier) {
    return (tiers >>> tier & 1) == 1;
  }
}
