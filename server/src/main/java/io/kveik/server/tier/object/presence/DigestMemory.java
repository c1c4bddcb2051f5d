package io.kveik.server.tier.object.presence;

import java.util.concurrent.atomic.AtomicLong;

/** The account of memory that learned sets take, of all containers together. Any thread. */
final class DigestMemory {
  private final long limitBytes;
  private final AtomicLong used = new AtomicLong();

  DigestMemory(long limitBytes) {
    this.limitBytes = limitBytes;
  }

  /** True when there was room for that much. */
  boolean take(long bytes) {
    long before = used.get();
    while (before + bytes <= limitBytes) {
      long witness = used.compareAndExchange(before, before + bytes);
      if (witness == before) {
        return true;
      }
      before = witness;
    }
    return false;
  }

  void giveBack(long bytes) {
    used.addAndGet(-bytes);
  }

  long usedBytes() {
    return used.get();
  }
}
