package io.kveik.server.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.kveik.client.data.SocketTransport;
import io.kveik.client.data.SocketTransportOptions;
import io.kveik.server.block.AckLevel;
import io.kveik.server.cache.CacheEngine;
import io.kveik.server.cache.EngineOptions;
import io.kveik.server.cache.eviction.LeafFirstLru;
import io.kveik.server.memory.Slab;
import io.kveik.server.memory.SlabStats;
import io.kveik.server.runtime.Clock;
import io.kveik.server.runtime.Scheduler;
import io.kveik.server.runtime.Workers;
import io.kveik.server.session.BlockSession;
import io.kveik.server.session.Endpoint;
import io.kveik.server.session.Matcher;
import io.kveik.server.session.SessionLimits;
import io.kveik.server.session.Tickets;
import io.kveik.server.tenant.InMemoryAccountResolver;
import io.kveik.server.tenant.MasterSecret;
import io.kveik.server.tenant.Namespaces;
import io.kveik.server.tier.dram.DramTier;
import io.kveik.server.tier.fs.FsTier;
import io.kveik.server.tier.fs.FsTierOptions;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;
import javax.net.ssl.SSLContext;

/**
 * A real engine behind a real data port, without gRPC. {@link #close} checks that every lease has
 * come back.
 */
final class DataFixture implements AutoCloseable {
  static final int MAX_BLOCK_BYTES = 4 << 20;
  static final int MAX_BLOCKS = 100;
  static final int MAX_REQUESTS = 8;
  private static final long FS_BYTES = 1L << 30;
  private static final int DRAM_BYTES = 64 << 20;

  private final Scheduler scheduler = Scheduler.system("timer");
  private final Workers storage = new Workers("storage", 4, 100);
  private final List<SocketTransport> transports = new ArrayList<>();
  private final Slab slab;
  private final CacheEngine engine;
  private final Tickets tickets;
  private final BlockSession session;
  private final DataServer server;

  /** Answers MATCH. */
  private volatile Matcher matcher =
      (_, _, _, _) -> {
        throw new AssertionError("nobody matches in this test");
      };

  private DataFixture(
      Path directory, DataOptions options, boolean fsTier, int dramBytes, long ticketMillis)
      throws IOException {
    Clock clock = Clock.system();
    this.slab = Slab.anonymous(dramBytes);
    List<CacheEngine.Below> below =
        fsTier
            ? List.of(
                new CacheEngine.Below(
                    FsTier.open(
                        directory.resolve("blocks"),
                        FsTierOptions.of(FS_BYTES, clock.wallMillis()).withFsync(false)),
                    AckLevel.SHARED,
                    FS_BYTES))
            : List.of();
    this.engine =
        new CacheEngine(
            DramTier.transfer(slab),
            below,
            LeafFirstLru::new,
            new EngineOptions(100, 100, 4, 5_000, 1_000, 5_000, 100, 16 << 20, 2, 100, false),
            storage,
            scheduler,
            clock);
    engine.recover();
    Namespaces namespaces =
        new Namespaces(
            new InMemoryAccountResolver(".example"), MasterSecret.ofDirectory(directory), 10);
    this.session = new BlockSession(engine, namespaces.v1("account", "kv", "model").orElseThrow());
    this.tickets = new Tickets(100, ticketMillis, clock);
    this.server =
        DataServer.start(
            options,
            tickets,
            (owner, request, most, patience) -> matcher.match(owner, request, most, patience),
            Optional.empty(),
            scheduler,
            clock);
  }

  static DataFixture start(Path directory) throws IOException {
    return start(directory, UnaryOperator.identity());
  }

  /** With limits of the test's own. */
  static DataFixture start(Path directory, UnaryOperator<DataOptions.Limits> limits)
      throws IOException {
    return new DataFixture(
        directory, options(directory, Optional.empty(), limits), false, DRAM_BYTES, 60_000);
  }

  static DataFixture withTls(Path directory, SSLContext tls) throws IOException {
    return new DataFixture(
        directory,
        options(directory, Optional.of(tls), UnaryOperator.identity()),
        false,
        DRAM_BYTES,
        60_000);
  }

  /** With an fs tier below so much DRAM. */
  static DataFixture withFsTier(Path directory, int dramBytes) throws IOException {
    return new DataFixture(
        directory,
        options(directory, Optional.empty(), UnaryOperator.identity()),
        true,
        dramBytes,
        60_000);
  }

  static DataFixture withTicketsOf(Path directory, long millis) throws IOException {
    return new DataFixture(
        directory,
        options(directory, Optional.empty(), UnaryOperator.identity()),
        false,
        DRAM_BYTES,
        millis);
  }

  static DataOptions options(
      Path directory, Optional<SSLContext> tls, UnaryOperator<DataOptions.Limits> limits) {
    return new DataOptions(
        Optional.of(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0)),
        false,
        tls,
        Optional.of(directory.resolve("data.sock")),
        AckLevel.MEMORY,
        0,
        2_000,
        new SessionLimits(MAX_BLOCK_BYTES, MAX_BLOCKS),
        limits.apply(
            new DataOptions.Limits(
                20, 10, MAX_REQUESTS, 4, 1 << 20, 32 << 20, 16 << 20, 5_000, 60_000, 5_000)));
  }

  byte[] ticket() {
    return tickets.issue(session);
  }

  void matchWith(Matcher answers) {
    matcher = answers;
  }

  DataServer server() {
    return server;
  }

  int port() {
    String address = endpoint(Endpoint.Kind.TCP).address();
    return Integer.parseInt(address.substring(address.lastIndexOf(':') + 1));
  }

  Path socket() {
    return Path.of(endpoint(Endpoint.Kind.UNIX).address());
  }

  private Endpoint endpoint(Endpoint.Kind kind) {
    return server.endpoints().stream().filter(one -> one.kind() == kind).findFirst().orElseThrow();
  }

  SocketTransport tcp(SocketTransportOptions options) {
    return kept(
        SocketTransport.tcp(
            new InetSocketAddress("localhost", port()), options, (_, _) -> ticket()));
  }

  SocketTransport tcp() {
    return tcp(SocketTransportOptions.defaults());
  }

  SocketTransport unix() {
    return kept(
        SocketTransport.unix(socket(), SocketTransportOptions.defaults(), (_, _) -> ticket()));
  }

  /** A peer that says what the test wants. */
  RawPeer peer() throws IOException {
    return RawPeer.connect(port());
  }

  private SocketTransport kept(SocketTransport transport) {
    transports.add(transport);
    return transport;
  }

  /** Waits until no block is on its way: each has its own lease, and there are no others. */
  void awaitQuiet() {
    await()
        .atMost(10, TimeUnit.SECONDS)
        .untilAsserted(() -> {
          SlabStats stats = slab.stats();
          assertThat(stats.liveLeases()).isEqualTo(stats.liveAllocations());
          DataStatus status = server.status();
          assertThat(status.leasedBytes()).isZero();
          assertThat(status.receivingBytes()).isZero();
          assertThat(status.requestBytes()).isZero();
        });
  }

  @Override
  public void close() {
    transports.forEach(SocketTransport::close);
    server.close();
    engine.close();
    storage.close();
    scheduler.close();
    assertThat(slab.liveLeases()).as("leases after close").isZero();
    DataStatus status = server.status();
    assertThat(status.connections() + status.greetings()).as("connections").isZero();
    assertThat(status.leasedBytes()).isZero();
    assertThat(status.receivingBytes()).isZero();
    assertThat(status.requestBytes()).isZero();
  }
}
