package io.kveik.server.cache;

import io.kveik.server.block.BlockHeader;
import io.kveik.server.block.TtlKind;
import io.kveik.server.cache.KeptSetting.Value;
import org.jspecify.annotations.Nullable;

/**
 * What holds for a block that comes into the index: what it was written with, but for what was set
 * since.
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

  BlockTerms with(@Nullable KeptSetting setting) {
    return switch (setting == null ? null : setting.value()) {
      case null -> this;
      case Value.Priority(int level) -> new BlockTerms(level, ttlKind, ttlMillis, endsAtMillis);
      case Value.Ttl(TtlKind kind, long millis, long endsAt) ->
          new BlockTerms(priority, kind, millis, endsAt);
      case Value.Pinned _ -> this;
    };
  }

  boolean hasTtl() {
    return ttlMillis != 0;
  }

  /** False where it depends on uses. */
  boolean overAt(long wallMillis) {
    return hasTtl() && ttlKind == TtlKind.ABSOLUTE && wallMillis >= endsAtMillis;
  }
}
