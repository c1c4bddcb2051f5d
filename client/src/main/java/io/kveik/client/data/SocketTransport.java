package io.kveik.client.data;

import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Blocks over a server's raw data port, by TCP or a Unix socket.
 *
 * <p>Payloads go between the sockets and the memory of the caller's with no copy in between, on the
 * calling thread. A call has a connection of its own while it lasts. A load of {@value
 * #STRIPE_BYTES} bytes or more for each is spread over several, the further ones on threads of the
 * transport's, unless its memory is confined to the calling thread; stores are pipelined on one.
 */
public final class SocketTransport implements BlockTransport {
  /** A stripe with less to load is not worth a thread. */
  private static final long STRIPE_BYTES = 4L << 20;

  private static final Thread ANY_OTHER_THREAD = Thread.ofVirtual().unstarted(() -> {});

  private final LinkPool links;
  private final SocketTransportOptions options;
  private final Stripes stripes;

  private SocketTransport(
      SocketAddress address, SocketTransportOptions options, TicketSource tickets) {
    this.links = new LinkPool(address, options, tickets);
    this.options = options;
    this.stripes = new Stripes(options.connections());
  }

  /** Over TCP; connects when it is first used. */
  public static SocketTransport tcp(
      InetSocketAddress server, SocketTransportOptions options, TicketSource tickets) {
    return new SocketTransport(server, options, tickets);
  }

  /** Over a Unix socket of this host; connects when it is first used. */
  public static SocketTransport unix(
      Path socket, SocketTransportOptions options, TicketSource tickets) {
    return new SocketTransport(UnixDomainSocketAddress.of(socket), options, tickets);
  }

  @Override
  public List<LoadResult> load(List<LoadItem> items, Duration deadline) throws TransportException {
    if (items.isEmpty()) {
      return List.of();
    }
    Deadline until = Deadline.after(deadline);
    int count = stripesFor(items);
    List<LoadExchange> exchanges = new ArrayList<>(count);
    for (List<LoadItem> share : deal(items, count)) {
      exchanges.add(new LoadExchange(share, options.verifyChecksums(), until));
    }
    try {
      stripes.run(exchanges, exchange -> links.run(until, exchange));
    } catch (TransportException e) {
      List<@Nullable LoadResult> answered = new ArrayList<>(items.size());
      for (int i = 0; i < items.size(); i++) {
        answered.add(exchanges.get(i % count).answer(i / count));
      }
      throw e.withAnswered(answered);
    }
    List<LoadResult> results = new ArrayList<>(items.size());
    for (int i = 0; i < items.size(); i++) {
      results.add(exchanges.get(i % count).result(i / count));
    }
    return results;
  }

  @Override
  public List<StoreResult> store(List<StoreItem> items, Duration deadline)
      throws TransportException {
    if (items.isEmpty()) {
      return List.of();
    }
    StoreExchange exchange = new StoreExchange(items);
    links.run(Deadline.after(deadline), exchange);
    List<StoreResult> results = new ArrayList<>(items.size());
    for (int i = 0; i < items.size(); i++) {
      results.add(exchange.result(i));
    }
    return results;
  }

  @Override
  public Optional<byte[]> match(byte[] request, Duration deadline) throws TransportException {
    Deadline until = Deadline.after(deadline);
    MatchExchange exchange = new MatchExchange(request, until);
    // While loads have all connections, gRPC answers sooner than one of them ends.
    return links.tryRun(until, exchange) ? exchange.response() : Optional.empty();
  }

  @Override
  public void close() {
    links.close();
    stripes.close();
  }

  private int stripesFor(List<LoadItem> items) {
    if (options.stripes() == 1) {
      return 1;
    }
    long bytes = 0;
    for (LoadItem item : items) {
      if (!item.target().isAccessibleBy(ANY_OTHER_THREAD)) {
        return 1;
      }
      bytes += item.mostBytes();
    }
    long worth = Math.min(bytes / STRIPE_BYTES, items.size());
    return Math.clamp(worth, 1, Math.min(options.stripes(), options.connections()));
  }

  /** In turn, so that the first blocks of the request are the first on each connection. */
  private static List<List<LoadItem>> deal(List<LoadItem> items, int shares) {
    if (shares == 1) {
      return List.of(items);
    }
    List<List<LoadItem>> dealt = new ArrayList<>(shares);
    for (int i = 0; i < shares; i++) {
      dealt.add(new ArrayList<>(items.size() / shares + 1));
    }
    for (int i = 0; i < items.size(); i++) {
      dealt.get(i % shares).add(items.get(i));
    }
    return dealt;
  }
}
