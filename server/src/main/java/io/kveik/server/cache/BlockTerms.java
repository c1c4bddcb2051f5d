package io.kveik.server.cache;

import io.kveik.server.block.BlockHeader;
import io.kveik.server.block.TtlKind;

/**
 * What holds for a block that comes into the index: what it was written with.
 *
 * @param priority 0 to {@link BlockHeader#MAX_PRIORITY}
 * @param ttlMillis 0: it lives until it is evicted
 * @param endsAtMillis wall clock, epoch milliseconds; only for {@link TtlKind#ABSOLUTE} with a TTL
 */
record BlockTerms(int priority, TtlKind ttlKind, long ttlMillis, long endsAtMillis) {
  static BlockTerms of(BlockHeader header) {
    return new BlockTerms(
        header.priority(), header.ttlKind(), header.ttlMillis(), header.expiresAtMillis());
  }

  boolean hasTtl() {
    return ttlMillis != 0;
  }
}
