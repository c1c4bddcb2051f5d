package io.kveik.client.data;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.LockSupport;

/**
 * Closes the sockets of calls that take longer than they may: blocking channels know no timeouts. A
 * deadline is kept to about {@value #TICK_MILLIS} ms. Its thread sleeps for as long as there are no
 * calls. Any thread.
 */
final class Watchdog implements AutoCloseable {
  private static final int TICK_MILLIS = 10;
  private static final int IDLE_TICKS = 100;
  private static final long TICK_NANOS = TICK_MILLIS * 1_000_000L;

  private final Set<SocketLink> busy = ConcurrentHashMap.newKeySet();
  private final Thread thread;
  private volatile boolean asleep;
  private volatile boolean closed;

  Watchdog() {
    this.thread = Thread.ofPlatform().daemon().name("kveik-data-deadlines").start(this::run);
  }

  /** The link has a deadline from now on. */
  void watch(SocketLink link) {
    busy.add(link);
    if (asleep) {
      LockSupport.unpark(thread);
    }
  }

  void forget(SocketLink link) {
    busy.remove(link);
  }

  /** Cuts off all that is going on. */
  @Override
  public void close() {
    closed = true;
    LockSupport.unpark(thread);
    busy.forEach(SocketLink::close);
  }

  private void run() {
    int idleTicks = 0;
    while (!closed) {
      idleTicks = busy.isEmpty() ? idleTicks + 1 : 0;
      if (idleTicks < IDLE_TICKS) {
        LockSupport.parkNanos(TICK_NANOS);
      } else {
        asleep = true;
        // Looked at again: who came before asleep was set did not wake this thread.
        if (busy.isEmpty() && !closed) {
          LockSupport.park();
        }
        asleep = false;
        idleTicks = 0;
      }
      for (SocketLink link : busy) {
        link.closeIfLate();
      }
    }
  }
}
