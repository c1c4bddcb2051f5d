package io.kveik.client.inplace;

import java.lang.foreign.MemorySegment;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * One block that a thread waits for. While it is the only one in the process, the thread that
 * brings it has nothing else to bring, and copies it at once: out of its own core's cache, instead
 * of waking a thread on another core that copies. With several under way that thread would be what
 * all wait for, and each waiting thread copies its own.
 */
public final class Receiving implements AutoCloseable {
  private static final AtomicInteger UNDER_WAY = new AtomicInteger();

  private Receiving() {}

  /** From before the block is asked for until it is where it belongs. */
  public static Receiving begin() {
    UNDER_WAY.incrementAndGet();
    return new Receiving();
  }

  /** Takes what has come; on the thread that brings it, which may copy it. */
  public void arrived(InPlacePayload payload, MemorySegment into) {
    if (payload.length() <= into.byteSize() && UNDER_WAY.get() == 1) {
      payload.copyAhead(into);
    }
  }

  @Override
  public void close() {
    UNDER_WAY.decrementAndGet();
  }
}
