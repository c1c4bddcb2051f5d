package io.kveik.server;

import io.kveik.server.admin.AdminServer;
import io.kveik.server.admin.JsonOperations;
import io.kveik.server.block.AckLevel;
import io.kveik.server.cache.Admission;
import io.kveik.server.cache.CacheEngine;
import io.kveik.server.cache.ControlOptions;
import io.kveik.server.cache.EngineOptions;
import io.kveik.server.cache.KeptSettings;
import io.kveik.server.cache.MovementOptions;
import io.kveik.server.cache.Promotion;
import io.kveik.server.config.AccountSettings;
import io.kveik.server.config.AdminSettings;
import io.kveik.server.config.ConfigException;
import io.kveik.server.config.Configuration;
import io.kveik.server.config.ControlSettings;
import io.kveik.server.config.GrpcSettings;
import io.kveik.server.config.MovementSettings;
import io.kveik.server.config.ObjectSettings;
import io.kveik.server.config.Setting;
import io.kveik.server.config.Settings;
import io.kveik.server.journal.FileJournal;
import io.kveik.server.journal.FilePolicyLog;
import io.kveik.server.memory.Slab;
import io.kveik.server.memory.SlabMemory;
import io.kveik.server.prefetch.Prefetcher;
import io.kveik.server.rpc.GrpcServer;
import io.kveik.server.rpc.blockstore.BlockStoreService;
import io.kveik.server.rpc.control.BlockControlService;
import io.kveik.server.rpc.control.ControlJson;
import io.kveik.server.rpc.v1.V1Service;
import io.kveik.server.runtime.Clock;
import io.kveik.server.runtime.Scheduler;
import io.kveik.server.runtime.Threads;
import io.kveik.server.runtime.Workers;
import io.kveik.server.session.SessionLimits;
import io.kveik.server.session.Tickets;
import io.kveik.server.telemetry.Meters;
import io.kveik.server.tenant.AccountResolver;
import io.kveik.server.tenant.AccountsFileException;
import io.kveik.server.tenant.FileAccountResolver;
import io.kveik.server.tenant.InMemoryAccountResolver;
import io.kveik.server.tenant.MasterSecret;
import io.kveik.server.tenant.Namespaces;
import io.kveik.server.tier.Lifetimes;
import io.kveik.server.tier.SharedTier;
import io.kveik.server.tier.dram.DramTier;
import io.kveik.server.tier.fs.FsTier;
import io.kveik.server.tier.fs.FsTierOptions;
import io.kveik.server.tier.nvme.NvmeTier;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import java.util.function.BooleanSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes the parts of a server from its configuration; each adapter is named here and nowhere else.
 */
final class Wiring {
  private static final Logger LOG = LoggerFactory.getLogger(Wiring.class);
  private static final int ADMIN_PORT_OFFSET = 10_000;
  static final int LAST_PORT = 65_535;
  private static final int PERCENT = 100;
  private static final String POLICY_LOG = "policies";
  private static final int QUEUE_SHARE_OF_DRAM = 4;
  private static final int PREFETCH_SHARE_OF_DRAM = 8;

  private Wiring() {}

  static Meters meters(Configuration config) {
    return new Meters(
        config.text(Settings.METRICS_ENDPOINT), config.text(Settings.INSTRUMENTATION_KEY));
  }

  static Workers storage(Configuration config) {
    return new Workers(
        "storage", config.count(Settings.STORAGE_THREADS), config.count(Settings.STORAGE_QUEUE));
  }

  /** The accounts of the accounts file; without one, any resource name is an account. */
  static AccountResolver accounts(Configuration config) {
    String file = config.text(AccountSettings.FILE);
    if (file.isEmpty()) {
      return new InMemoryAccountResolver(config.text(Settings.BLOB_DNS_SUFFIX));
    }
    try {
      return FileAccountResolver.read(Path.of(file), config.count(AccountSettings.LIMIT));
    } catch (AccountsFileException e) {
      throw new ConfigException(String.valueOf(e.getMessage()));
    } catch (IOException e) {
      throw new ConfigException(AccountSettings.FILE.key() + ": '" + file + "' can't be read");
    }
  }

  static Namespaces namespaces(Configuration config, AccountResolver accounts, Path dataDirectory)
      throws IOException {
    return new Namespaces(
        accounts,
        MasterSecret.ofDirectory(dataDirectory),
        config.number(Settings.LIMIT_NAMESPACES));
  }

  /** Where the secret and the fs tier are. */
  static Path dataDirectory(Configuration config) {
    String text = config.text(Settings.DATA_DIR);
    if (!text.isEmpty()) {
      return Path.of(text);
    }
    String xdg = System.getenv("XDG_DATA_HOME");
    return xdg == null || xdg.isEmpty()
        ? Path.of(System.getProperty("user.home"), ".local", "share", "kveik")
        : Path.of(xdg, "kveik");
  }

  /** Where the operator's port listens; empty when it is off. */
  static Optional<InetSocketAddress> adminAddress(Configuration config) {
    String text = config.text(AdminSettings.PORT);
    if (text.equals("off")) {
      return Optional.empty();
    }
    InetAddress host = host(config, AdminSettings.HOST);
    if (text.equals("auto")) {
      int grpcPort = config.count(Settings.PORT);
      int beside = grpcPort + ADMIN_PORT_OFFSET;
      return Optional.of(
          new InetSocketAddress(host, grpcPort == 0 || beside > LAST_PORT ? 0 : beside));
    }
    try {
      return Optional.of(new InetSocketAddress(host, Integer.parseInt(text)));
    } catch (IllegalArgumentException e) {
      throw new ConfigException("admin.port: '" + text + "', must be a port, 0, auto or off");
    }
  }

  static InetAddress host(Configuration config, Setting setting) {
    String name = config.text(setting);
    InetAddress address;
    try {
      address = InetAddress.getByName(name);
    } catch (UnknownHostException e) {
      throw new ConfigException(
          setting.key() + ": '" + name + "', must be an address of this machine");
    }
    if (!address.isLoopbackAddress() && !config.on(Settings.INSECURE)) {
      throw new ConfigException(
          setting.key()
              + ": '"
              + name
              + "' is reachable from other machines, and this version has neither TLS nor"
              + " authentication; listen on 127.0.0.1, or add --insecure if the network keeps"
              + " strangers out");
    }
    return address;
  }

  /** The tiers below DRAM, top down, that a server with this configuration has; none open yet. */
  static List<LowerTierPlan> lowerTiers(
      Configuration config, Path dataDirectory, Clock clock, Lifetimes lifetimes) {
    List<LowerTierPlan> plans = new ArrayList<>();
    NvmeWiring.plan(config, dataDirectory, clock, lifetimes).ifPresent(plans::add);
    long fsBytes = config.number(Settings.FS_BYTES);
    if (fsBytes > 0) {
      FsTierOptions options =
          FsTierOptions.of(fsBytes, clock.wallMillis()).withFsync(config.on(Settings.FS_FSYNC));
      plans.add(
          new LowerTierPlan(
              "fs",
              true,
              shared(config) ? AckLevel.LOCAL : AckLevel.SHARED,
              fsBytes,
              admission(config, MovementSettings.FS_ADMIT),
              () -> FsTier.open(dataDirectory.resolve("blocks"), options)));
    }
    return plans;
  }

  /** True when an object store is configured: the fs tier is then this server's disk, no more. */
  private static boolean shared(Configuration config) {
    return !config.text(ObjectSettings.STORE).equals("none");
  }

  static Admission admission(Configuration config, Setting setting) {
    return switch (config.text(setting)) {
      case "eviction" -> Admission.EVICTION;
      case "second-use" -> Admission.SECOND_USE;
      default -> Admission.WRITE;
    };
  }

  private static MovementOptions movement(Configuration config) {
    int low = config.count(MovementSettings.DRAM_LOW_WATERMARK_PERCENT);
    int high = config.count(MovementSettings.DRAM_HIGH_WATERMARK_PERCENT);
    if (high < low) {
      throw new ConfigException(
          "%s: %d, must be at least %s, which is %d"
              .formatted(
                  MovementSettings.DRAM_HIGH_WATERMARK_PERCENT.key(),
                  high,
                  MovementSettings.DRAM_LOW_WATERMARK_PERCENT.key(),
                  low));
    }
    return new MovementOptions(
        config.text(MovementSettings.DRAM_PROMOTE).equals("always")
            ? Promotion.ALWAYS
            : Promotion.SECOND_USE,
        low,
        high,
        config.number(MovementSettings.BEHIND_BYTES_PER_SECOND),
        config.number(MovementSettings.BEHIND_PAUSE_MILLIS),
        config.count(MovementSettings.PREFETCH_IN_FLIGHT),
        Math.min(
            config.number(MovementSettings.PREFETCH_BYTES),
            config.number(Settings.DRAM_BYTES) / PREFETCH_SHARE_OF_DRAM));
  }

  static Prefetcher prefetcher(
      Configuration config, CacheEngine engine, Workers storage, Scheduler scheduler) {
    return new Prefetcher(
        engine,
        new Prefetcher.Options(
            config.count(MovementSettings.LIMIT_CONVERSATIONS),
            config.number(MovementSettings.PREFETCH_LEAD_MILLIS)),
        storage,
        scheduler);
  }

  static AdminServer.Limits adminLimits(Configuration config) {
    return new AdminServer.Limits(
        config.count(AdminSettings.BODY_BYTES), config.number(AdminSettings.CALL_MILLIS));
  }

  /** Control operations as the operator's port knows them. */
  static JsonOperations operations(ControlJson control) {
    return new JsonOperations() {
      @Override
      public boolean knows(String operation) {
        return control.knows(operation);
      }

      @Override
      public CompletionStage<Answer> call(String operation, String json, BooleanSupplier stop) {
        return control
            .call(operation, json, stop)
            .thenApply(answer -> new Answer(answer.status(), answer.body()));
      }
    };
  }

  static CacheEngine engine(
      Configuration config,
      Path dataDirectory,
      Optional<SharedTier> shared,
      Workers storage,
      Scheduler scheduler,
      Clock clock,
      Meters meters)
      throws IOException {
    long dramBytes = config.number(Settings.DRAM_BYTES);
    List<CacheEngine.Below> below = new ArrayList<>();
    KeptSettings kept =
        new KeptSettings(
            sound(FileJournal.settings(dataDirectory), FileJournal.SETTINGS),
            config.count(ControlSettings.KEPT_SETTINGS));
    for (LowerTierPlan plan : lowerTiers(config, dataDirectory, clock, kept)) {
      CacheEngine.Below opened = plan.open();
      if (opened.tier() instanceof NvmeTier nvme) {
        NvmeWiring.attend(nvme, config, storage, scheduler, meters);
      }
      below.add(opened);
    }
    shared.ifPresent(tier ->
        below.add(new CacheEngine.Below(tier, AckLevel.SHARED, Long.MAX_VALUE, Admission.WRITE)));
    boolean hugePages = config.on(Settings.MEMORY_HUGE_PAGES);
    Slab slab = Slab.of(hugePages ? SlabMemory.hugePages() : SlabMemory.anonymous(), dramBytes);
    switch (config.text(Settings.DRAM_PRETOUCH)) {
      case "start" -> slab.pretouch();
      case "background" -> Threads.start("dram-pretouch", () -> pretouchWhileOpen(slab));
      default -> {}
    }
    EngineOptions options =
        new EngineOptions(
            config.count(Settings.LIMIT_GHOSTS),
            config.number(Settings.LOOKUP_BUDGET_MILLIS),
            config.count(Settings.LOOKUP_PROBE_PARALLEL),
            config.number(Settings.READ_BUDGET_MILLIS),
            config.number(Settings.WRITE_QUEUE_WAIT_MILLIS),
            config.number(Settings.WRITE_ACK_WAIT_MILLIS),
            config.count(Settings.BEHIND_BLOCKS),
            Math.min(config.number(Settings.BEHIND_BYTES), dramBytes / QUEUE_SHARE_OF_DRAM),
            config.count(Settings.BEHIND_WRITERS),
            config.number(Settings.TIER_RETRY_MILLIS),
            hugePages,
            movement(config),
            EvictionWiring.shares(config, dramBytes));
    CacheEngine engine =
        new CacheEngine(
            DramTier.transfer(slab),
            below,
            EvictionWiring.policies(config),
            options,
            controlOptions(config, dramBytes),
            sound(FileJournal.deletions(dataDirectory), FileJournal.DELETIONS),
            kept,
            storage,
            scheduler,
            clock);
    engine.control().keepPoliciesIn(policyLog(dataDirectory));
    return engine;
  }

  private static FilePolicyLog policyLog(Path dataDirectory) throws IOException {
    FilePolicyLog log = FilePolicyLog.open(dataDirectory.resolve(POLICY_LOG));
    if (log.damaged() > 0) {
      LOG.error(
          "{}: {} records are damaged; their namespaces have the server's eviction policy",
          POLICY_LOG,
          log.damaged());
    }
    return log;
  }

  private static <T> FileJournal<T> sound(FileJournal<T> journal, String name) {
    if (journal.damaged() > 0) {
      LOG.error(
          "{}: {} records are damaged; blocks they named are as if they had not been deleted or set",
          name,
          journal.damaged());
    }
    return journal;
  }

  private static ControlOptions controlOptions(Configuration config, long dramBytes) {
    return new ControlOptions(
        config.count(ControlSettings.THREADS),
        config.count(ControlSettings.QUEUE),
        config.count(ControlSettings.OWED_REMOVALS),
        config.number(Settings.TIER_RETRY_MILLIS),
        dramBytes / PERCENT * config.count(ControlSettings.PINNED_PERCENT),
        config.count(ControlSettings.PINNED_BLOCKS),
        config.count(ControlSettings.NAMESPACE_POLICIES),
        dramBytes / PERCENT * config.count(ControlSettings.PREFETCH_PERCENT),
        config.count(ControlSettings.PREFETCH_AHEAD));
  }

  private static void pretouchWhileOpen(Slab slab) {
    try {
      slab.pretouch();
    } catch (IllegalStateException closed) {
      LOG.debug("the server ended before all of DRAM was resident");
    }
  }

  static GrpcServer.Options grpcOptions(Configuration config, long largestBody) {
    long blockBytes = Math.min(config.number(Settings.LIMIT_BLOCK_BYTES), largestBody);
    return new GrpcServer.Options(
        new InetSocketAddress(host(config, Settings.HOST), config.count(Settings.PORT)),
        config.count(Settings.THREADS),
        config.on(GrpcSettings.TCP_NODELAY),
        config.number(GrpcSettings.KEEPALIVE_MILLIS),
        config.number(GrpcSettings.KEEPALIVE_TIMEOUT_MILLIS),
        config.number(GrpcSettings.PERMIT_PING_MILLIS),
        config.count(GrpcSettings.MAX_STREAMS),
        config.count(GrpcSettings.MAX_FRAME_BYTES),
        config.count(GrpcSettings.RECEIVE_BYTES),
        config.count(GrpcSettings.RECEIVE_BUFFERS),
        config.count(GrpcSettings.WINDOW_BYTES),
        config.count(GrpcSettings.WRITE_WATERMARK_BYTES),
        config.count(Settings.LIMIT_CONNECTIONS),
        config.count(Settings.LIMIT_CALLS),
        config.number(Settings.LIMIT_UNSENT_BYTES),
        config.number(Settings.LIMIT_INBOUND_BYTES),
        config.number(Settings.SHUTDOWN_MILLIS),
        new V1Service.Options(
            Math.toIntExact(blockBytes),
            config.count(Settings.LIMIT_LOOKUP_TOKENS),
            config.count(Settings.LIMIT_STREAM_AHEAD),
            config.number(Settings.LIMIT_CALL_IDLE_MILLIS),
            defaultAck(config)),
        new BlockStoreService.Options(
            sessionLimits(config, largestBody),
            config.count(Settings.LIMIT_LOOKUP_TOKENS),
            config.count(Settings.LIMIT_STREAM_AHEAD),
            defaultAck(config)),
        new BlockControlService.Options(
            config.count(Settings.LIMIT_IDS),
            config.count(Settings.LIMIT_LOOKUP_TOKENS),
            config.count(ControlSettings.QUERY_BLOCKS)));
  }

  static SessionLimits sessionLimits(Configuration config, long largestBody) {
    long room = largestBody - SessionLimits.MAX_METADATA_BYTES;
    return new SessionLimits(
        Math.toIntExact(Math.max(1, Math.min(config.number(Settings.LIMIT_BLOCK_BYTES), room))),
        config.count(Settings.LIMIT_IDS));
  }

  static Tickets tickets(Configuration config, Clock clock) {
    return new Tickets(
        config.count(Settings.LIMIT_TICKETS), config.number(Settings.TICKET_MILLIS), clock);
  }

  static AckLevel defaultAck(Configuration config) {
    return AckLevel.valueOf(config.text(Settings.ACK).toUpperCase(Locale.ROOT));
  }
}
