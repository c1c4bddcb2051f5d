package io.kveik.server.cache;

import io.kveik.server.block.BlockHeader;
import io.kveik.server.block.BlockKey;
import io.kveik.server.block.Fingerprint;
import org.jspecify.annotations.Nullable;

/**
 * What the index knows of one block that is in at least one tier. Identity fields are immutable and
 * may be read by any thread; the rest is guarded by the index lock, except where marked volatile.
 */
final class BlockEntry {
  static final long NEVER = Long.MAX_VALUE;

  final BlockKey key;
  final Fingerprint namespace;
  final long label;
  final byte priority;

  /** Bytes of payload and attributes. */
  final long bodyLength;

  /** On the index's monotonic clock; {@link #NEVER} without a TTL. */
  final long expiresAtNanos;

  /** The node whose label this block bears; null when another depth took the label first. */
  final @Nullable ChainNode node;

  /** The node this block follows; null for a root or an orphan. */
  final @Nullable ChainNode parent;

  /** Where it is, by tier ordinal; null: not there. Written under the lock, read racily. */
  private final @Nullable Resident[] residents;

  /** Lookups that found it; saturates. */
  int uses;

  BlockEntry(
      BlockHeader header,
      long expiresAtNanos,
      @Nullable ChainNode node,
      @Nullable ChainNode parent,
      int tiers) {
    this.key = header.key();
    this.namespace = header.namespace();
    this.label = header.label();
    this.priority = (byte) header.priority();
    this.bodyLength = header.bodyLength();
    this.expiresAtNanos = expiresAtNanos;
    this.node = node;
    this.parent = parent;
    this.residents = new Resident[tiers];
  }

  @Nullable Resident resident(int tier) {
    return residents[tier];
  }

  void setResident(int tier, @Nullable Resident resident) {
    residents[tier] = resident;
  }

  boolean inTier(int tier) {
    return residents[tier] != null;
  }

  boolean inAnyTier() {
    for (Resident resident : residents) {
      if (resident != null) {
        return true;
      }
    }
    return false;
  }

  boolean expiredAt(long nowNanos) {
    return expiresAtNanos != NEVER && nowNanos - expiresAtNanos >= 0;
  }
}
