package io.kveik.server.tier.local;

import java.util.concurrent.atomic.AtomicLong;

/**
 * Counts the calls inside the tier, so that what they need is released by the last of them when the
 * tier closes, and a close waits for nobody. Any thread; lock-free.
 */
public final class InFlight {
  private static final long CLOSED = 1L << 62;

  private final AtomicLong calls = new AtomicLong();
  private final Runnable release;

  /** What to run, once, when closed and empty. */
  public InFlight(Runnable release) {
    this.release = release;
  }

  /** False when closed; else the caller must {@link #exit}. */
  public boolean enter() {
    long now = calls.get();
    while (now < CLOSED) {
      long witness = calls.compareAndExchange(now, now + 1);
      if (witness == now) {
        return true;
      }
      now = witness;
    }
    return false;
  }

  public void exit() {
    if (calls.decrementAndGet() == CLOSED) {
      release.run();
    }
  }

  /** Idempotent. */
  public void close() {
    if (calls.getAndUpdate(n -> n | CLOSED) == 0) {
      release.run();
    }
  }
}
