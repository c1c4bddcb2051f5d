package io.kveik.server;

import io.kveik.server.block.AckLevel;
import io.kveik.server.cache.Admission;
import io.kveik.server.cache.CacheEngine;
import io.kveik.server.cache.ControlOptions;
import io.kveik.server.cache.EngineOptions;
import io.kveik.server.cache.KeptSettings;
import io.kveik.server.cache.MovementOptions;
import io.kveik.server.cache.Promotion;
import io.kveik.server.config.CodecSettings;
import io.kveik.server.config.ConfigException;
import io.kveik.server.config.Configuration;
import io.kveik.server.config.ControlSettings;
import io.kveik.server.config.MovementSettings;
import io.kveik.server.config.ObjectSettings;
import io.kveik.server.config.Setting;
import io.kveik.server.config.Settings;
import io.kveik.server.journal.FileJournal;
import io.kveik.server.journal.FilePolicyLog;
import io.kveik.server.memory.Slab;
import io.kveik.server.memory.SlabMemory;
import io.kveik.server.prefetch.Prefetcher;
import io.kveik.server.runtime.Clock;
import io.kveik.server.runtime.Scheduler;
import io.kveik.server.runtime.Threads;
import io.kveik.server.runtime.Workers;
import io.kveik.server.telemetry.Meters;
import io.kveik.server.tier.Lifetimes;
import io.kveik.server.tier.SharedTier;
import io.kveik.server.tier.dram.DramTier;
import io.kveik.server.tier.fs.FsTier;
import io.kveik.server.tier.fs.FsTierOptions;
import io.kveik.server.tier.nvme.NvmeTier;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Makes the engine and the tiers below DRAM from their configuration. */
final class EngineWiring {
  private static final Logger LOG = LoggerFactory.getLogger(EngineWiring.class);
  private static final int PERCENT = 100;
  private static final String POLICY_LOG = "policies";
  private static final int QUEUE_SHARE_OF_DRAM = 4;
  private static final int PREFETCH_SHARE_OF_DRAM = 8;

  private EngineWiring() {}

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

  /** The tiers below DRAM, top down, that a server with this configuration has; none open yet. */
  static List<LowerTierPlan> lowerTiers(
      Configuration config, Path dataDirectory, Clock clock, Lifetimes lifetimes) {
    List<LowerTierPlan> plans = new ArrayList<>();
    NvmeWiring.plan(config, dataDirectory, clock, lifetimes).ifPresent(plans::add);
    long fsBytes = config.number(Settings.FS_BYTES);
    if (fsBytes > 0) {
      FsTierOptions options =
          FsTierOptions.of(fsBytes, clock.wallMillis())
              .withFsync(config.on(Settings.FS_FSYNC))
              .withCodec(CodecWiring.options(config, CodecSettings.FS));
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
}
