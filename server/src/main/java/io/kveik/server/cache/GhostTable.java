package io.kveik.server.cache;

import io.kveik.server.block.BlockKey;
import java.util.Optional;

/**
 * Remembers why blocks left: 16 bytes a ghost, a fixed number of them, the oldest of a bucket
 * overwritten first.
 *
 * <p>Set-associative: a key's first word picks a bucket of {@value #WAYS} slots, its second word is
 * the tag. A 64-bit tag within a bucket can name the wrong block once in 2^60; a ghost only
 * explains a miss and never makes a hit, so that is harmless. O(1), allocates nothing on {@link
 * #remember}. Owner thread: whoever holds the index lock.
 */
final class GhostTable {
  static final int WAYS = 8;
  private static final int USES_BITS = 16;
  private static final int MAX_USES = (1 << USES_BITS) - 1;
  private static final int REASON_BITS = 4;
  private static final long NANOS_PER_MILLI = 1_000_000;

  /** What is remembered of one block. */
  record Ghost(Departure reason, long ageMillis, int uses) {}

  private final long[] tags;

  /** 44 bits of milliseconds since {@link #epochNanos} plus one | 4 bits reason | 16 bits uses. */
  private final long[] facts;

  private final int bucketMask;
  private final long epochNanos;

  /**
   * @param capacity ghosts to keep, rounded up to a power of two of at least one bucket
   */
  GhostTable(int capacity, long nowNanos) {
    int slots = Integer.highestOneBit(Math.max(WAYS, capacity) - 1) << 1;
    this.tags = new long[slots];
    this.facts = new long[slots];
    this.bucketMask = slots / WAYS - 1;
    this.epochNanos = nowNanos;
  }

  void remember(BlockKey key, Departure reason, int uses, long nowNanos) {
    int base = base(key);
    int slot = base;
    for (int i = base; i < base + WAYS; i++) {
      if (tags[i] == key.w1() || facts[i] == 0) {
        slot = i;
        break;
      }
      if (facts[i] >>> (USES_BITS + REASON_BITS) < facts[slot] >>> (USES_BITS + REASON_BITS)) {
        slot = i;
      }
    }
    long millis = (nowNanos - epochNanos) / NANOS_PER_MILLI + 1;
    tags[slot] = key.w1();
    facts[slot] =
        millis << (USES_BITS + REASON_BITS)
            | (long) reason.code << USES_BITS
            | Math.min(uses, MAX_USES);
  }

  Optional<Ghost> recall(BlockKey key, long nowNanos) {
    int base = base(key);
    for (int i = base; i < base + WAYS; i++) {
      if (facts[i] != 0 && tags[i] == key.w1()) {
        long leftMillis = (facts[i] >>> (USES_BITS + REASON_BITS)) - 1;
        int reason = (int) (facts[i] >>> USES_BITS) & ((1 << REASON_BITS) - 1);
        return Optional.of(
            new Ghost(
                Departure.ofCode(reason),
                (nowNanos - epochNanos) / NANOS_PER_MILLI - leftMillis,
                (int) facts[i] & MAX_USES));
      }
    }
    return Optional.empty();
  }

  int capacity() {
    return tags.length;
  }

  private int base(BlockKey key) {
    return ((int) (key.w0() >>> 32) & bucketMask) * WAYS;
  }
}
