package io.kveik.server.cache;

import java.util.concurrent.TimeUnit;

/**
 * What each namespace holds in one tier, and whose blocks are to be spared there.
 *
 * <p>A share is a part of what the tier holds now rather than of its capacity, so that it needs no
 * account of what the tier's own book-keeping takes. It is at most an equal part; so whenever one
 * namespace is below its share another is above, and there is always someone to take from.
 *
 * <p>8 bytes off-heap a namespace and tier, in the {@link NamespaceTable}. O(1); owner thread:
 * whoever holds the index lock.
 */
final class Shares {
  private final NamespaceTable namespaces;
  private final int tier;
  private final ShareOptions options;
  private final long idleNanos;
  private long bytes;

  /** Namespaces that hold anything here. */
  private int present;

  Shares(NamespaceTable namespaces, int tier, ShareOptions options) {
    this.namespaces = namespaces;
    this.tier = tier;
    this.options = options;
    this.idleNanos = TimeUnit.MILLISECONDS.toNanos(options.idleMillis());
  }

  /**
   * A block came in.
   *
   * @param blockBytes its payload and attributes
   */
  void entered(int namespace, long blockBytes) {
    change(namespace, blockBytes);
  }

  /** It left. */
  void left(int namespace, long blockBytes) {
    change(namespace, -blockBytes);
  }

  /** Payload and attributes of a namespace's blocks in this tier. */
  long bytesOf(int namespace) {
    return namespaces.bytesIn(namespace, tier);
  }

  int present() {
    return present;
  }

  /** Whether blocks of the namespace are to stay while there are others that can go. */
  boolean protects(int namespace, long nowNanos) {
    return options.sharePercent() > 0
        && present > 1
        && bytesOf(namespace) < share()
        && nowNanos - namespaces.usedAtNanos(namespace) < idleNanos;
  }

  /** Whether the namespace holds more than it may. */
  boolean overQuota(int namespace) {
    return bytesOf(namespace) > options.quotaBytes();
  }

  /** Bytes that each namespace may count on now. */
  long share() {
    long equalPart = bytes / Math.max(1, present);
    return Math.min(equalPart, bytes / ShareOptions.PERCENT * options.sharePercent());
  }

  private void change(int namespace, long delta) {
    long before = bytesOf(namespace);
    long after = before + delta;
    if (after < 0) {
      throw new IllegalStateException(
          "tier " + tier + ": bytes of namespace " + namespace + " would go below zero");
    }
    namespaces.setBytesIn(namespace, tier, after);
    bytes += delta;
    if (before == 0 && after > 0) {
      present++;
    } else if (before > 0 && after == 0) {
      present--;
    }
  }
}
