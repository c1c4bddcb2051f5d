package io.kveik.server;

import io.kveik.server.admin.AdminServer;
import io.kveik.server.block.AckLevel;
import io.kveik.server.cache.CacheEngine;
import io.kveik.server.cache.EngineOptions;
import io.kveik.server.cache.LeafFirstLru;
import io.kveik.server.config.ConfigException;
import io.kveik.server.config.Configuration;
import io.kveik.server.config.Settings;
import io.kveik.server.memory.Slab;
import io.kveik.server.rpc.GrpcMeters;
import io.kveik.server.rpc.GrpcServer;
import io.kveik.server.rpc.V1Service;
import io.kveik.server.runtime.Clock;
import io.kveik.server.runtime.Scheduler;
import io.kveik.server.runtime.Workers;
import io.kveik.server.telemetry.ConsoleLine;
import io.kveik.server.telemetry.EngineMeters;
import io.kveik.server.telemetry.Meters;
import io.kveik.server.telemetry.RpcMeters;
import io.kveik.server.tenant.InMemoryAccountResolver;
import io.kveik.server.tenant.MasterSecret;
import io.kveik.server.tenant.Namespaces;
import io.kveik.server.tier.dram.DramTier;
import io.kveik.server.tier.fs.FsTier;
import io.kveik.server.tier.fs.FsTierOptions;
import java.io.IOException;
import java.io.PrintStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Locale;
import java.util.OptionalInt;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One running server, put together from a configuration. Parts are closed in the reverse order of
 * their making: first no more requests, then what is queued is written, then the tiers.
 */
public final class KveikServer implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(KveikServer.class);
  private static final int ADMIN_PORT_OFFSET = 10_000;
  private static final int LAST_PORT = 65_535;
  private static final long CONSOLE_MILLIS = 5_000;
  private static final int QUEUE_SHARE_OF_DRAM = 4;

  private final Deque<AutoCloseable> parts = new ArrayDeque<>();
  private final GrpcServer grpc;
  private final CacheEngine engine;
  private final OptionalInt adminPort;

  private KveikServer(Configuration config, PrintStream console) throws IOException {
    Clock clock = Clock.system();
    InetSocketAddress address = address(config);
    Meters meters =
        part(
            new Meters(
                config.text(Settings.METRICS_ENDPOINT), config.text(Settings.INSTRUMENTATION_KEY)));
    Scheduler scheduler = part(Scheduler.system("timer"));
    Workers storage =
        part(
            new Workers(
                "storage",
                config.count(Settings.STORAGE_THREADS),
                config.count(Settings.STORAGE_QUEUE)));
    Path dataDirectory = dataDirectory(config);
    Files.createDirectories(dataDirectory);
    this.engine = part(engine(config, dataDirectory, storage, scheduler, clock));
    Namespaces namespaces =
        new Namespaces(
            new InMemoryAccountResolver(config.text(Settings.BLOB_DNS_SUFFIX)),
            MasterSecret.ofDirectory(dataDirectory),
            config.number(Settings.LIMIT_NAMESPACES));
    RpcMeters rpcMeters = new RpcMeters(meters.registry());
    this.grpc =
        new GrpcServer(
            grpcOptions(config, address, engine), engine, namespaces, rpcMeters, scheduler, clock);
    EngineMeters.bind(engine, meters.registry());
    GrpcMeters.bind(grpc, meters.registry());
    this.adminPort = startAdmin(config, address, meters);
    grpc.start();
    part(grpc);
    if (!config.on(Settings.DISABLE_METRICS)) {
      ConsoleLine line = new ConsoleLine(rpcMeters, engine.counters(), clock, console);
      scheduler.every(CONSOLE_MILLIS, line::print);
    }
    Thread.ofPlatform().daemon().name("recovery").start(() -> recover(clock));
  }

  /**
   * Starts a server; returns once it serves.
   *
   * @param console where the metrics line goes
   * @throws ConfigException for settings that can't work together
   * @throws IOException when a port or a directory can't be had
   */
  public static KveikServer start(Configuration config, PrintStream console) throws IOException {
    return new KveikServer(config, console);
  }

  public int port() {
    return grpc.port();
  }

  /** Empty when it is off. */
  public OptionalInt adminPort() {
    return adminPort;
  }

  /** Drains the calls in progress, writes what is queued, and closes everything. */
  @Override
  public void close() {
    while (!parts.isEmpty()) {
      AutoCloseable part = parts.pop();
      try {
        part.close();
      } catch (Exception e) {
        LOG.error("closing {}", part.getClass().getSimpleName(), e);
      }
    }
  }

  private <T extends AutoCloseable> T part(T part) {
    parts.push(part);
    return part;
  }

  private static InetSocketAddress address(Configuration config) {
    String host = config.text(Settings.HOST);
    InetAddress address;
    try {
      address = InetAddress.getByName(host);
    } catch (UnknownHostException e) {
      throw new ConfigException("host: '" + host + "', must be an address of this machine");
    }
    if (!address.isLoopbackAddress() && !config.on(Settings.INSECURE)) {
      throw new ConfigException(
          "host: '"
              + host
              + "' is reachable from other machines, and this version has neither TLS nor"
              + " authentication; listen on 127.0.0.1, or add --insecure if the network keeps"
              + " strangers out");
    }
    return new InetSocketAddress(address, config.count(Settings.PORT));
  }

  /** Where the secret and the fs tier are. */
  public static Path dataDirectory(Configuration config) {
    String text = config.text(Settings.DATA_DIR);
    if (!text.isEmpty()) {
      return Path.of(text);
    }
    String xdg = System.getenv("XDG_DATA_HOME");
    return xdg == null || xdg.isEmpty()
        ? Path.of(System.getProperty("user.home"), ".local", "share", "kveik")
        : Path.of(xdg, "kveik");
  }

  private static CacheEngine engine(
      Configuration config, Path dataDirectory, Workers storage, Scheduler scheduler, Clock clock)
      throws IOException {
    long dramBytes = config.number(Settings.DRAM_BYTES);
    List<CacheEngine.Below> below = new ArrayList<>();
    long fsBytes = config.number(Settings.FS_BYTES);
    if (fsBytes > 0) {
      FsTierOptions options =
          FsTierOptions.of(fsBytes, clock.wallMillis()).withFsync(config.on(Settings.FS_FSYNC));
      below.add(
          new CacheEngine.Below(
              FsTier.open(dataDirectory.resolve("blocks"), options), AckLevel.SHARED, fsBytes));
    }
    Slab slab = Slab.anonymous(dramBytes);
    if (config.on(Settings.DRAM_PRETOUCH)) {
      slab.pretouch();
    }
    EngineOptions options =
        new EngineOptions(
            config.count(Settings.LIMIT_GHOSTS),
            config.number(Settings.LOOKUP_BUDGET_MILLIS),
            config.number(Settings.READ_BUDGET_MILLIS),
            config.number(Settings.WRITE_QUEUE_WAIT_MILLIS),
            config.number(Settings.WRITE_ACK_WAIT_MILLIS),
            config.count(Settings.BEHIND_BLOCKS),
            Math.min(config.number(Settings.BEHIND_BYTES), dramBytes / QUEUE_SHARE_OF_DRAM),
            config.count(Settings.BEHIND_WRITERS),
            config.number(Settings.TIER_RETRY_MILLIS));
    return new CacheEngine(
        DramTier.transfer(slab), below, LeafFirstLru::new, options, storage, scheduler, clock);
  }

  private static GrpcServer.Options grpcOptions(
      Configuration config, InetSocketAddress address, CacheEngine engine) {
    long blockBytes = Math.min(config.number(Settings.LIMIT_BLOCK_BYTES), engine.largestBody());
    return new GrpcServer.Options(
        address,
        config.count(Settings.THREADS),
        config.on(Settings.GRPC_TCP_NODELAY),
        config.number(Settings.GRPC_KEEPALIVE_MILLIS),
        config.number(Settings.GRPC_KEEPALIVE_TIMEOUT_MILLIS),
        config.number(Settings.GRPC_PERMIT_PING_MILLIS),
        config.count(Settings.GRPC_MAX_STREAMS),
        config.count(Settings.GRPC_WINDOW_BYTES),
        config.count(Settings.GRPC_WRITE_WATERMARK_BYTES),
        config.count(Settings.LIMIT_CONNECTIONS),
        config.count(Settings.LIMIT_CALLS),
        config.number(Settings.LIMIT_UNSENT_BYTES),
        config.number(Settings.SHUTDOWN_MILLIS),
        new V1Service.Options(
            Math.toIntExact(blockBytes),
            config.count(Settings.LIMIT_LOOKUP_TOKENS),
            config.count(Settings.LIMIT_STREAM_AHEAD),
            config.number(Settings.LIMIT_CALL_IDLE_MILLIS),
            AckLevel.valueOf(config.text(Settings.ACK).toUpperCase(Locale.ROOT))));
  }

  private OptionalInt startAdmin(Configuration config, InetSocketAddress grpcAddress, Meters meters)
      throws IOException {
    String text = config.text(Settings.ADMIN_PORT);
    if (text.equals("off")) {
      return OptionalInt.empty();
    }
    int port;
    if (text.equals("auto")) {
      int beside = grpcAddress.getPort() + ADMIN_PORT_OFFSET;
      port = grpcAddress.getPort() == 0 || beside > LAST_PORT ? 0 : beside;
    } else {
      try {
        port = Integer.parseInt(text);
      } catch (NumberFormatException e) {
        throw new ConfigException("admin.port: '" + text + "', must be a port, 0, auto or off");
      }
    }
    InetAddress host = InetAddress.getByName(config.text(Settings.ADMIN_HOST));
    if (!host.isLoopbackAddress() && !config.on(Settings.INSECURE)) {
      throw new ConfigException(
          "admin.host: '"
              + config.text(Settings.ADMIN_HOST)
              + "' is reachable from other machines; use 127.0.0.1, or add --insecure");
    }
    return OptionalInt.of(
        part(AdminServer.start(new InetSocketAddress(host, port), meters::scrape)).port());
  }

  private void recover(Clock clock) {
    long startNanos = clock.nanoTime();
    long blocks = engine.recover();
    if (blocks > 0) {
      LOG.info(
          "{} blocks from before, listed in {} ms",
          blocks,
          (clock.nanoTime() - startNanos) / 1_000_000);
    }
  }
}
