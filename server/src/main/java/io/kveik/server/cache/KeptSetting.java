package io.kveik.server.cache;

import io.kveik.server.block.BlockHeader;
import io.kveik.server.block.BlockRef;
import io.kveik.server.block.Fingerprint;
import io.kveik.server.block.TtlKind;

/**
 * What a control operation set for a block, or for all blocks of a namespace, in place of what the
 * block was written with. It speaks of blocks that were written up to the operation: the same block
 * stored again afterwards is another.
 *
 * @param writtenUpToMillis the latest time of writing it speaks of, epoch milliseconds; of two
 *     settings of one kind the later holds
 */
public record KeptSetting(Subject subject, Value value, long writtenUpToMillis) {
  /** Whom it is about. */
  public sealed interface Subject {
    record OfBlock(BlockRef block) implements Subject {}

    record OfNamespace(Fingerprint namespace) implements Subject {}
  }

  /** What was set. */
  public sealed interface Value {
    /**
     * @param level 0 to {@link BlockHeader#MAX_PRIORITY}
     */
    record Priority(int level) implements Value {}

    /**
     * @param ttlMillis 0: the block lives until it is evicted
     * @param endsAtMillis wall clock, epoch milliseconds; {@link BlockHeader#NEVER_EXPIRES} unless
     *     the kind is {@link TtlKind#ABSOLUTE} and there is a TTL
     */
    record Ttl(TtlKind kind, long ttlMillis, long endsAtMillis) implements Value {}

    /** To be kept in DRAM, or not any more. */
    record Pinned(boolean pinned) implements Value {}
  }

  /** True for a block that was there when this was set, not stored since. */
  boolean covers(BlockHeader header) {
    return header.writtenAtMillis() <= writtenUpToMillis;
  }
}
