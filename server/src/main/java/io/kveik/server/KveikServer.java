package io.kveik.server;

import io.kveik.server.admin.AdminServer;
import io.kveik.server.block.Fingerprint;
import io.kveik.server.cache.CacheEngine;
import io.kveik.server.cache.EngineStatus;
import io.kveik.server.cache.eviction.PolicyKind;
import io.kveik.server.config.ConfigException;
import io.kveik.server.config.Configuration;
import io.kveik.server.config.Settings;
import io.kveik.server.data.DataMeters;
import io.kveik.server.data.DataServer;
import io.kveik.server.prefetch.PrefetchMeters;
import io.kveik.server.prefetch.Prefetcher;
import io.kveik.server.recording.AccessRecorder;
import io.kveik.server.recording.RecordingMeters;
import io.kveik.server.rpc.GrpcMeters;
import io.kveik.server.rpc.GrpcServer;
import io.kveik.server.rpc.blockstore.BlockStoreService;
import io.kveik.server.rpc.call.CallContext;
import io.kveik.server.rpc.control.ControlJson;
import io.kveik.server.runtime.Clock;
import io.kveik.server.runtime.Scheduler;
import io.kveik.server.runtime.Workers;
import io.kveik.server.samehost.SameHostMemory;
import io.kveik.server.samehost.SameHostMeters;
import io.kveik.server.session.Tickets;
import io.kveik.server.telemetry.ConsoleLine;
import io.kveik.server.telemetry.EngineMeters;
import io.kveik.server.telemetry.Meters;
import io.kveik.server.telemetry.ObjectStoreMeters;
import io.kveik.server.telemetry.RpcMeters;
import io.kveik.server.tenant.AccountResolver;
import io.kveik.server.tenant.Namespaces;
import io.kveik.server.tier.SharedTier;
import java.io.IOException;
import java.io.PrintStream;
import java.net.BindException;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One running server, put together from a configuration. Parts are closed in the reverse order of
 * their making: first no more requests, then what is queued is written, then the tiers.
 */
public final class KveikServer implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(KveikServer.class);
  private static final long CONSOLE_MILLIS = 5_000;
  private static final long RELIST_MILLIS = 10_000;
  private static final long NANOS_PER_MILLI = 1_000_000;

  private final Deque<AutoCloseable> parts = new ArrayDeque<>();
  private final Clock clock = Clock.system();
  private final Workers storage;
  private final Scheduler scheduler;
  private final CacheEngine engine;
  private final GrpcServer grpc;
  private final OptionalInt adminPort;

  private KveikServer(Configuration config, PrintStream console) throws IOException {
    try {
      Meters meters = part(Wiring.meters(config));
      this.scheduler = part(Scheduler.system("timer"));
      this.storage = part(Wiring.storage(config));
      Path dataDirectory = Wiring.dataDirectory(config);
      Files.createDirectories(dataDirectory);
      AccountResolver accounts = Wiring.accounts(config);
      Namespaces namespaces = Wiring.namespaces(config, accounts, dataDirectory);
      Map<Fingerprint, PolicyKind> policies = EvictionWiring.ofNamespaces(config, namespaces);
      Optional<ObjectStorage> shared =
          ObjectWiring.open(config, accounts, namespaces, meters, scheduler, clock);
      Optional<SharedTier> sharedTier =
          shared.map(one ->
              part(
                  ExtentWiring.packed(
                      one,
                      PresenceWiring.digested(one, config, scheduler, clock, meters),
                      config,
                      scheduler,
                      clock,
                      meters)));
      this.engine =
          part(
              EngineWiring.engine(
                  config, dataDirectory, sharedTier, storage, scheduler, clock, meters));
      engine.control().configurePolicies(policies);
      Optional<AccessRecorder> recorder = RecordingWiring.open(config, clock).map(this::part);
      recorder.ifPresent(engine::observeWith);
      Tickets tickets = Wiring.tickets(config, clock);
      Optional<SameHostMemory> sameHost =
          DataWiring.sameHost(config, clock, scheduler).map(this::part);
      sameHost.ifPresent(memory -> engine.control().onDeleted(memory::forget));
      Prefetcher prefetcher = EngineWiring.prefetcher(config, engine, storage, scheduler);
      RpcMeters rpcMeters = meters.rpc();
      GrpcServer.Options grpcOptions = Wiring.grpcOptions(config, engine.largestBody());
      DataServer data =
          part(
              DataServer.start(
                  DataWiring.options(config, dataDirectory, engine.largestBody()),
                  tickets,
                  BlockStoreService.dataMatcher(
                      grpcOptions.blockStore(), prefetcher, new CallContext(clock, rpcMeters)),
                  sameHost,
                  scheduler,
                  clock));
      this.grpc =
          part(
              new GrpcServer(
                  grpcOptions,
                  engine,
                  namespaces,
                  tickets,
                  data::endpoints,
                  prefetcher,
                  rpcMeters,
                  scheduler,
                  clock));
      EngineMeters.bind(engine, meters);
      shared.ifPresent(one -> ObjectStoreMeters.bind(one.tier(), one.store(), meters));
      PrefetchMeters.bind(prefetcher, meters);
      recorder.ifPresent(one -> RecordingMeters.bind(one, meters));
      GrpcMeters.bind(grpc::status, meters);
      DataMeters.bind(data::status, meters);
      sameHost.ifPresent(memory -> SameHostMeters.bind(memory, meters));
      this.adminPort = startAdmin(config, meters, grpc.controlJson());
      grpc.start();
      storage.execute(this::recover);
      shared.ifPresent(one -> one.check(storage, scheduler));
      if (!config.on(Settings.DISABLE_METRICS)) {
        ConsoleLine line = new ConsoleLine(rpcMeters, engine.counters(), clock, console);
        scheduler.every(CONSOLE_MILLIS, line::print);
      }
    } catch (IOException | RuntimeException e) {
      close();
      throw e;
    }
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

  private OptionalInt startAdmin(Configuration config, Meters meters, ControlJson control)
      throws IOException {
    Optional<InetSocketAddress> address = Wiring.adminAddress(config);
    if (address.isEmpty()) {
      return OptionalInt.empty();
    }
    try {
      return OptionalInt.of(
          part(AdminServer.start(
                  address.get(),
                  pages(meters),
                  Wiring.operations(control),
                  Wiring.adminLimits(config),
                  clock))
              .port());
    } catch (BindException e) {
      throw new IOException(
          "admin.port: "
              + address.get().getPort()
              + " can't be had ("
              + e.getMessage()
              + "); choose another with --admin-port, or off",
          e);
    }
  }

  private Map<String, AdminServer.Page> pages(Meters meters) {
    return Map.of(
        "/metrics",
        new AdminServer.Page("text/plain; version=0.0.4", meters::scrape),
        TiersPage.PATH,
        new AdminServer.Page("application/json", () -> TiersPage.of(engine)));
  }

  /** Lists the tiers; one that can't be listed is tried again until it can. */
  private void recover() {
    long startNanos = clock.nanoTime();
    long blocks = engine.recover();
    if (blocks > 0) {
      LOG.info(
          "{} blocks from before, listed in {} ms",
          blocks,
          (clock.nanoTime() - startNanos) / NANOS_PER_MILLI);
    }
    if (!engine.status().tiers().stream().allMatch(EngineStatus.TierStatus::listed)) {
      LOG.error("a tier could not be listed; trying again in {} ms", RELIST_MILLIS);
      scheduler.after(RELIST_MILLIS, () -> storage.tryExecute(this::recover));
    }
  }
}
