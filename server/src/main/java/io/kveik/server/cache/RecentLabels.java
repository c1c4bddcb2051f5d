package io.kveik.server.cache;

import io.kveik.server.block.Fingerprint;

/**
 * Labels of blocks that something happened to lately: some {@value #LIMIT} labels ago at most.
 *
 * <p>Direct-mapped, 8 bytes each: a later label takes the place of an earlier one. A namespace's
 * labels are forgotten together, and with them those of namespaces that fall on the same of {@value
 * #COUNTED} counts. Two labels are taken for one another once in 2^64; the hash is keyed with the
 * namespace's fingerprint, which no client knows. O(1), allocates nothing. Owner thread: whoever
 * holds the index lock.
 */
final class RecentLabels {
  /** A power of two, above the writes of a server's clients that are in flight at a time. */
  static final int LIMIT = 1_024;

  /** A power of two. */
  private static final int COUNTED = 256;

  private static final long MIX = 0x9E3779B97F4A7C15L;

  /** By the low bits of their hash; 0 where there is none. */
  private final long[] hashes = new long[LIMIT];

  /** How often a namespace was forgotten: a part of the hash. */
  private final int[] forgotten = new int[COUNTED];

  private final int[] forgottenAt = new int[COUNTED];

  void add(Fingerprint namespace, long label) {
    long hash = hash(namespace, label);
    hashes[slot(hash)] = hash;
  }

  void remove(Fingerprint namespace, long label) {
    long hash = hash(namespace, label);
    if (hashes[slot(hash)] == hash) {
      hashes[slot(hash)] = 0;
    }
  }

  boolean has(Fingerprint namespace, long label) {
    long hash = hash(namespace, label);
    return hashes[slot(hash)] == hash;
  }

  /** Forgets all labels of a namespace. */
  void forget(Fingerprint namespace, int now) {
    forgotten[count(namespace)]++;
    forgottenAt[count(namespace)] = now;
  }

  /** When that was last. */
  int forgottenAt(Fingerprint namespace) {
    return forgottenAt[count(namespace)];
  }

  private static int count(Fingerprint namespace) {
    return (int) namespace.w2() & (COUNTED - 1);
  }

  private static int slot(long hash) {
    return (int) hash & (LIMIT - 1);
  }

  private long hash(Fingerprint namespace, long label) {
    long hash = (label ^ namespace.w0()) * MIX;
    hash = (hash ^ (hash >>> 32) ^ namespace.w1()) * MIX;
    hash = (hash ^ (hash >>> 32) ^ forgotten[count(namespace)]) * MIX;
    return hash ^ (hash >>> 29);
  }
}
