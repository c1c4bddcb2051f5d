package io.kveik.server.data;

import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;

/** So many bytes that all connections share. Any thread, lock-free. */
final class Allowance {
  private final String name;
  private final long limitBytes;
  private final AtomicLong usedBytes = new AtomicLong();
  private final LongAdder refused = new LongAdder();

  /**
   * @param name of the setting that bounds it
   */
  Allowance(String name, long limitBytes) {
    this.name = name;
    this.limitBytes = limitBytes;
  }

  /** False when they are not to be had now; counted. */
  boolean tryTake(long bytes) {
    if (usedBytes.addAndGet(bytes) > limitBytes) {
      usedBytes.addAndGet(-bytes);
      refused.increment();
      return false;
    }
    return true;
  }

  void giveBack(long bytes) {
    usedBytes.addAndGet(-bytes);
  }

  long usedBytes() {
    return usedBytes.get();
  }

  long refusedCount() {
    return refused.sum();
  }

  /** For a client that was refused. */
  String refusal(long bytes) {
    return name + ": no room for " + bytes + " bytes more now, limit " + limitBytes;
  }
}
