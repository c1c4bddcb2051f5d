package io.kveik.server.data;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * Who is connected, within two bounds: those who have shown a ticket, and those who have not yet.
 * Of the latter the oldest is cut off when there is one too many, so that connections which say
 * nothing keep nobody out who says HELLO at once. Any thread.
 */
final class ConnectionTable {
  private final int limit;
  private final int greetingLimit;
  private final CountDownLatch emptied = new CountDownLatch(1);

  // Guarded by this.
  private final Set<DataConnection> greeting = new LinkedHashSet<>();
  private final Set<DataConnection> open = new HashSet<>();
  private boolean closed;
  private long refused;
  private long greetingsEnded;

  ConnectionTable(int limit, int greetingLimit) {
    this.limit = limit;
    this.greetingLimit = greetingLimit;
  }

  /** False when the port is closing. */
  boolean arrived(DataConnection connection) {
    DataConnection oldest = null;
    synchronized (this) {
      if (closed) {
        return false;
      }
      if (greeting.size() == greetingLimit) {
        oldest = greeting.iterator().next();
        greeting.remove(oldest);
        greetingsEnded++;
      }
      greeting.add(connection);
    }
    if (oldest != null) {
      oldest.cutOff();
    }
    return true;
  }

  /** A ticket was shown. False when there are too many, or it was cut off meanwhile. */
  synchronized boolean greeted(DataConnection connection) {
    if (closed || !greeting.remove(connection)) {
      return false;
    }
    if (open.size() == limit) {
      refused++;
      return false;
    }
    return open.add(connection);
  }

  synchronized void gone(DataConnection connection) {
    greeting.remove(connection);
    open.remove(connection);
    checkEmptied();
  }

  synchronized List<DataConnection> all() {
    List<DataConnection> all = new ArrayList<>(greeting);
    all.addAll(open);
    return all;
  }

  /** No more come in; those that are here stay. */
  synchronized void close() {
    closed = true;
    checkEmptied();
  }

  private void checkEmptied() {
    if (closed && open.isEmpty() && greeting.isEmpty()) {
      emptied.countDown();
    }
  }

  /**
   * After {@link #close}: waits until all have gone.
   *
   * @return false when they have not within the time
   */
  boolean awaitEmptied(long millis) throws InterruptedException {
    return emptied.await(millis, TimeUnit.MILLISECONDS);
  }

  synchronized int openCount() {
    return open.size();
  }

  synchronized int greetingCount() {
    return greeting.size();
  }

  synchronized long refusedCount() {
    return refused;
  }

  synchronized long greetingsEndedCount() {
    return greetingsEnded;
  }
}
