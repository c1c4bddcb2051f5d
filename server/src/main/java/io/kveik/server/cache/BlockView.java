package io.kveik.server.cache;

import io.kveik.server.block.Fingerprint;

/**
 * What {@link BlockFinder#find} saw of one block at one moment. Belongs to the thread that looks,
 * which may use it for any number of looks, one after the other.
 */
public final class BlockView {
  static final long NEVER = Long.MAX_VALUE;

  int slot;
  long key0;
  long label;
  int tiers;

  /** Lookups that found the block. */
  int uses;

  long expiresAtNanos;
  long namespace0;
  long namespace1;
  long namespace2;
  long namespace3;

  /** The writer's label of the block. */
  public long label() {
    return label;
  }

  boolean inNamespace(Fingerprint namespace) {
    return namespace0 == namespace.w0()
        && namespace1 == namespace.w1()
        && namespace2 == namespace.w2()
        && namespace3 == namespace.w3();
  }

  boolean inTier(int tier) {
    return (tiers >>> tier & 1) == 1;
  }

  boolean expiredAt(long nowNanos) {
    return expiresAtNanos != NEVER && nowNanos - expiresAtNanos >= 0;
  }
}
