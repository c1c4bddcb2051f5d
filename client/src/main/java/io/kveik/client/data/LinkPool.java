package io.kveik.client.data;

import io.kveik.client.data.frame.ErrorCode;
import io.kveik.client.data.frame.FrameException;
import java.io.IOException;
import java.net.SocketAddress;
import java.nio.channels.ClosedByInterruptException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Connections of one transport: lent to one call at a time, so that its own thread receives into
 * its own memory and nobody hands anything over. Bounded; a call waits for one within its deadline.
 * Any thread.
 */
final class LinkPool implements AutoCloseable {
  /** What a call does with a connection. */
  @FunctionalInterface
  interface Exchange {
    void with(SocketLink link) throws IOException;
  }

  private final SocketAddress address;
  private final SocketTransportOptions options;
  private final TicketSource tickets;
  private final Watchdog watchdog = new Watchdog();
  private final Semaphore permits;

  // Guarded by this. The one used last is taken first: the others may grow old and be closed.
  private final Deque<SocketLink> idle = new ArrayDeque<>();
  private boolean closed;

  LinkPool(SocketAddress address, SocketTransportOptions options, TicketSource tickets) {
    this.address = address;
    this.options = options;
    this.tickets = tickets;
    this.permits = new Semaphore(options.connections());
  }

  /**
   * Runs an exchange on a connection. It is begun once more, on a new connection, when it fails
   * before any answer on one that the server may have closed long ago.
   *
   * @throws TransportException when it fails
   */
  void run(Deadline deadline, Exchange exchange) throws TransportException {
    takePermit(deadline);
    runPermitted(deadline, exchange);
  }

  private void runPermitted(Deadline deadline, Exchange exchange) throws TransportException {
    try {
      while (!attempt(deadline, exchange)) {
        dropIdle();
      }
    } finally {
      permits.release();
    }
  }

  /**
   * The same, if a connection is to be had without waiting for another call's end.
   *
   * @return false when none is
   */
  boolean tryRun(Deadline deadline, Exchange exchange) throws TransportException {
    if (!permits.tryAcquire()) {
      return false;
    }
    runPermitted(deadline, exchange);
    return true;
  }

  private void takePermit(Deadline deadline) throws TransportException {
    if (deadline.passed()) {
      throw new TransportException(
          TransportException.Code.DEADLINE_EXCEEDED, address + ": deadline passed");
    }
    try {
      if (!permits.tryAcquire(deadline.leftNanos(), TimeUnit.NANOSECONDS)) {
        throw new TransportException(
            TransportException.Code.DEADLINE_EXCEEDED,
            "all " + options.connections() + " connections to " + address + " are busy");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new TransportException(
          TransportException.Code.INTERRUPTED, "interrupted while waiting for a connection", e);
    }
  }

  /**
   * @return false when it is worth another attempt
   */
  private boolean attempt(Deadline deadline, Exchange exchange) throws TransportException {
    SocketLink link = takeIdle();
    boolean whole = false;
    try {
      if (link == null) {
        link = connect(deadline);
      } else {
        link.begin(deadline);
        watchdog.watch(link);
      }
      exchange.with(link);
      whole = true;
      return true;
    } catch (IOException e) {
      if (link != null && link.mayBeStale() && !deadline.passed() && !isInterrupt(e)) {
        return false;
      }
      throw failure(e, deadline);
    } finally {
      if (link != null) {
        watchdog.forget(link);
        if (whole) {
          giveBack(link);
        } else {
          link.close();
        }
      }
    }
  }

  private SocketLink connect(Deadline deadline) throws IOException, TransportException {
    try {
      return connect(deadline, false);
    } catch (FrameException e) {
      if (e.code() != ErrorCode.TICKET) {
        throw e;
      }
      return connect(deadline, true);
    }
  }

  private SocketLink connect(Deadline deadline, boolean refused)
      throws IOException, TransportException {
    byte[] ticket = tickets.ticket(refused, deadline.left());
    SocketLink link = SocketLink.open(address, deadline);
    boolean whole = false;
    try {
      watchdog.watch(link);
      link.greet(address, options, ticket);
      whole = true;
      return link;
    } finally {
      if (!whole) {
        watchdog.forget(link);
        link.close();
      }
    }
  }

  private @Nullable SocketLink takeIdle() throws TransportException {
    synchronized (this) {
      if (closed) {
        throw new TransportException(TransportException.Code.CLOSED, "the transport is closed");
      }
      return idle.pollFirst();
    }
  }

  private void giveBack(SocketLink link) {
    link.end();
    synchronized (this) {
      if (!closed) {
        idle.addFirst(link);
        return;
      }
    }
    link.close();
  }

  private synchronized void dropIdle() {
    idle.forEach(SocketLink::close);
    idle.clear();
  }

  private TransportException failure(IOException cause, Deadline deadline) {
    String what = address + ": " + cause.getMessage();
    if (isInterrupt(cause)) {
      return new TransportException(TransportException.Code.INTERRUPTED, what, cause);
    }
    if (cause instanceof FrameException broken) {
      return new TransportException(code(broken.code()), what, cause);
    }
    if (deadline.passed()) {
      return new TransportException(
          TransportException.Code.DEADLINE_EXCEEDED, address + ": deadline passed", cause);
    }
    boolean over;
    synchronized (this) {
      over = closed;
    }
    return new TransportException(
        over ? TransportException.Code.CLOSED : TransportException.Code.UNAVAILABLE, what, cause);
  }

  private static boolean isInterrupt(IOException cause) {
    return cause instanceof ClosedByInterruptException || Thread.currentThread().isInterrupted();
  }

  private static TransportException.Code code(ErrorCode code) {
    return switch (code) {
      case TICKET -> TransportException.Code.DENIED;
      case TOO_MANY -> TransportException.Code.EXHAUSTED;
      case TIMEOUT, INTERNAL -> TransportException.Code.UNAVAILABLE;
      case UNKNOWN, PROTOCOL, VERSION, TOO_LARGE -> TransportException.Code.PROTOCOL;
    };
  }

  /** Cuts off the calls in progress. */
  @Override
  public void close() {
    synchronized (this) {
      closed = true;
      dropIdle();
    }
    watchdog.close();
  }
}
