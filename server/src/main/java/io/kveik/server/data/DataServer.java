package io.kveik.server.data;

import io.kveik.server.runtime.Clock;
import io.kveik.server.runtime.Scheduler;
import io.kveik.server.runtime.Threads;
import io.kveik.server.samehost.SameHostMemory;
import io.kveik.server.session.Endpoint;
import io.kveik.server.session.Matcher;
import io.kveik.server.session.Tickets;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import javax.net.ssl.SSLContext;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The raw data port: its listeners, its connections and their end. Sessions come from the tickets
 * that clients show.
 */
public final class DataServer implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(DataServer.class);
  private static final long SWEEP_MILLIS = 250;
  private static final long CUT_OFF_MILLIS = 1_000;

  private final DataParts parts;
  private final List<DataListener> listeners = new ArrayList<>();
  private final List<Endpoint> endpoints = new ArrayList<>();
  private final AtomicLong accepted = new AtomicLong();
  private final Scheduler.Timer sweeper;

  private DataServer(
      DataOptions options,
      Tickets tickets,
      Matcher matcher,
      Optional<SameHostMemory> sameHost,
      Scheduler scheduler,
      Clock clock)
      throws IOException {
    this.parts = DataParts.of(options, tickets, matcher, sameHost, clock);
    try {
      if (options.unix().isPresent()) {
        listenUnix(options.unix().get());
      }
      if (options.tcp().isPresent()) {
        listenTcp(options.tcp().get());
      }
    } catch (IOException | RuntimeException e) {
      listeners.forEach(DataListener::close);
      throw e;
    }
    this.sweeper =
        scheduler.every(
            SWEEP_MILLIS, () -> parts.connections().all().forEach(DataConnection::sweep));
  }

  /**
   * Listens, and serves from then on.
   *
   * @param matcher answers MATCH
   * @param sameHost memory to lend to clients on the Unix socket; empty: none
   * @throws IOException when an address can't be had
   */
  public static DataServer start(
      DataOptions options,
      Tickets tickets,
      Matcher matcher,
      Optional<SameHostMemory> sameHost,
      Scheduler scheduler,
      Clock clock)
      throws IOException {
    return new DataServer(options, tickets, matcher, sameHost, scheduler, clock);
  }

  /** True when a socket can have that path. */
  public static boolean fitsSocket(Path path) {
    return DataListener.fits(path);
  }

  /** The ways in, the fastest first. */
  public List<Endpoint> endpoints() {
    return List.copyOf(endpoints);
  }

  public DataStatus status() {
    DataCounters counters = parts.counters();
    ConnectionTable connections = parts.connections();
    return new DataStatus(
        connections.openCount(),
        connections.greetingCount(),
        connections.refusedCount(),
        connections.greetingsEndedCount(),
        counters.sentBlocks.sum(),
        counters.sentBytes.sum(),
        counters.receivedBlocks.sum(),
        counters.receivedBytes.sum(),
        counters.matches.sum(),
        counters.creditStalls.sum(),
        counters.protocolErrors.sum(),
        counters.ticketsRefused.sum(),
        counters.timeouts.sum(),
        parts.leasedBytes().usedBytes(),
        parts.leasedBytes().refusedCount(),
        parts.receivingBytes().usedBytes(),
        parts.receivingBytes().refusedCount(),
        parts.requestBytes().usedBytes() + parts.matchBytes().usedBytes(),
        parts.requestBytes().refusedCount() + parts.matchBytes().refusedCount());
  }

  /**
   * Takes no more connections and requests, lets those in progress be answered within the drain
   * time, and cuts off the rest.
   */
  @Override
  public void close() {
    listeners.forEach(DataListener::close);
    ConnectionTable connections = parts.connections();
    connections.close();
    for (DataConnection connection : connections.all()) {
      // Each on its own: one that is blocked in a write must not keep the others waiting.
      Threads.start(connection.name() + "-drain", connection::drain);
    }
    try {
      if (!connections.awaitEmptied(parts.options().drainMillis())) {
        connections.all().forEach(DataConnection::cutOff);
        connections.awaitEmptied(CUT_OFF_MILLIS);
      }
    } catch (InterruptedException e) {
      connections.all().forEach(DataConnection::cutOff);
      Thread.currentThread().interrupt();
    }
    sweeper.cancel();
  }

  private void listenUnix(Path path) throws IOException {
    DataListener listener = DataListener.unix(path);
    listeners.add(listener);
    if (parts.sameHost().isPresent()) {
      endpoints.add(new Endpoint(Endpoint.Kind.SAME_HOST, path.toString(), false));
    }
    endpoints.add(new Endpoint(Endpoint.Kind.UNIX, path.toString(), false));
    listener.start(
        "data-accept-unix",
        socket -> {
          if (setUp(socket, false)) {
            serve("unix", socket, Optional.empty(), parts.sameHost());
          }
        });
  }

  private void listenTcp(InetSocketAddress address) throws IOException {
    DataOptions options = parts.options();
    DataListener listener =
        DataListener.tcp(address, options.orFreePort(), options.socketBufferBytes());
    listeners.add(listener);
    String host = address.getAddress().isAnyLocalAddress() ? "" : address.getHostString();
    endpoints.add(
        new Endpoint(Endpoint.Kind.TCP, host + ":" + listener.port(), options.tls().isPresent()));
    listener.start(
        "data-accept-tcp",
        socket -> {
          if (setUp(socket, true)) {
            serve("tcp", socket, options.tls(), Optional.empty());
          }
        });
  }

  private boolean setUp(SocketChannel socket, boolean tcp) {
    try {
      if (tcp) {
        socket.setOption(StandardSocketOptions.TCP_NODELAY, true);
      }
      if (parts.options().socketBufferBytes() > 0) {
        socket.setOption(StandardSocketOptions.SO_SNDBUF, parts.options().socketBufferBytes());
      }
      return true;
    } catch (IOException e) {
      LOG.debug("a connection was gone before it was served: {}", e.toString());
      close(socket);
      return false;
    }
  }

  private void serve(
      String kind,
      SocketChannel socket,
      Optional<SSLContext> tls,
      Optional<SameHostMemory> lender) {
    String name = "data-" + kind + "-" + accepted.incrementAndGet();
    DataConnection connection = new DataConnection(name, socket, tls, lender, parts);
    if (!parts.connections().arrived(connection)) {
      close(socket);
      return;
    }
    try {
      Threads.start(name, connection);
    } catch (OutOfMemoryError e) {
      connection.cutOff();
      parts.connections().gone(connection);
      throw e;
    }
  }

  private static void close(SocketChannel socket) {
    try {
      socket.close();
    } catch (IOException e) {
      LOG.debug("close: {}", e.toString());
    }
  }
}
