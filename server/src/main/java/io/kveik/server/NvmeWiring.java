package io.kveik.server;

import io.kveik.server.block.AckLevel;
import io.kveik.server.config.CodecSettings;
import io.kveik.server.config.ConfigException;
import io.kveik.server.config.Configuration;
import io.kveik.server.config.MovementSettings;
import io.kveik.server.config.NvmeSettings;
import io.kveik.server.runtime.Clock;
import io.kveik.server.runtime.Scheduler;
import io.kveik.server.runtime.Workers;
import io.kveik.server.telemetry.Meters;
import io.kveik.server.tier.Lifetimes;
import io.kveik.server.tier.nvme.IoMode;
import io.kveik.server.tier.nvme.NvmeOptions;
import io.kveik.server.tier.nvme.NvmeStatus;
import io.kveik.server.tier.nvme.NvmeTier;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Makes the nvme tier from its settings, with its meters and its scrubbing. */
final class NvmeWiring {
  private static final Logger LOG = LoggerFactory.getLogger(NvmeWiring.class);
  private static final long SCRUB_PERIOD_MILLIS = 1_000;
  private static final long MIN_BYTES = 64L << 20;

  private NvmeWiring() {}

  /** Empty when it is off. Without a usable disk the tier opens all the same, and is down. */
  static Optional<LowerTierPlan> plan(
      Configuration config, Path dataDirectory, Clock clock, Lifetimes lifetimes) {
    long bytes = config.number(NvmeSettings.BYTES);
    if (bytes == 0) {
      return Optional.empty();
    }
    if (bytes < MIN_BYTES) {
      throw new ConfigException("nvme.bytes: " + bytes + ", must be 0 or at least " + MIN_BYTES);
    }
    String directory = config.text(NvmeSettings.DIR);
    Path root = directory.isEmpty() ? dataDirectory.resolve("nvme") : Path.of(directory);
    return Optional.of(
        new LowerTierPlan(
            "nvme",
            directory.isEmpty(),
            AckLevel.LOCAL,
            bytes,
            EngineWiring.admission(config, MovementSettings.NVME_ADMIT),
            () -> NvmeTier.open(root, options(config, bytes), clock, lifetimes)));
  }

  /**
   * Says what is wrong with an open tier, shows its figures and has it scrubbed.
   *
   * @param storage where it is scrubbed
   */
  static void attend(
      NvmeTier tier, Configuration config, Workers storage, Scheduler scheduler, Meters meters) {
    String down = tier.status().down();
    if (!down.isEmpty()) {
      LOG.error("nvme.dir: {}; the server goes on without it until it can be used", down);
    }
    bind(tier, meters);
    long scrubBytes =
        config.number(NvmeSettings.SCRUB_BYTES_PER_SECOND) * SCRUB_PERIOD_MILLIS / 1_000;
    if (scrubBytes > 0) {
      scheduler.every(SCRUB_PERIOD_MILLIS, () -> storage.tryExecute(() -> tier.scrub(scrubBytes)));
    }
  }

  private static NvmeOptions options(Configuration config, long bytes) {
    return new NvmeOptions(
        bytes,
        config.number(NvmeSettings.SEGMENT_BYTES),
        config.on(NvmeSettings.FSYNC),
        IoMode.valueOf(config.text(NvmeSettings.IO).toUpperCase(Locale.ROOT)),
        config.count(NvmeSettings.REINSERT_PERCENT),
        config.number(NvmeSettings.WRITE_BYTES_PER_DAY),
        config.count(NvmeSettings.BUDGET_GHOSTS),
        config.count(NvmeSettings.STAGING_BUFFERS),
        config.number(NvmeSettings.READ_WINDOW_BYTES),
        config.count(NvmeSettings.OPEN_THREADS),
        config.number(NvmeSettings.TABLE_BYTES),
        CodecWiring.options(config, CodecSettings.NVME));
  }

  private static void bind(NvmeTier tier, Meters meters) {
    meters
        .of(tier::status)
        .gauge("kveik.nvme.segments", "Segments with records.", NvmeStatus::segments)
        .gauge("kveik.nvme.file.bytes", "Length of all segment files.", NvmeStatus::fileBytes)
        .gauge("kveik.nvme.record.bytes", "Of blocks that are there.", NvmeStatus::recordBytes)
        .gauge(
            "kveik.nvme.write.amplification",
            "Bytes written per byte stored.",
            NvmeStatus::writeAmplification)
        .counter("kveik.nvme.stored", "Blocks stored.", NvmeStatus::stored)
        .counter("kveik.nvme.stored.bytes", "Payload, attributes.", NvmeStatus::storedBodyBytes)
        .counter("kveik.nvme.written.bytes", "Written to segments.", NvmeStatus::writtenBytes)
        .counter("kveik.nvme.syncs", "Syncs; puts share them.", NvmeStatus::syncs)
        .counter("kveik.nvme.reinserted", "Written again to stay.", NvmeStatus::reinserted)
        .counter("kveik.nvme.segments.freed", "Segments freed.", NvmeStatus::segmentsFreed)
        .counter("kveik.nvme.segments.lost", "Unreadable at start.", NvmeStatus::segmentsLost)
        .counter("kveik.nvme.quarantined", "Failed a check.", NvmeStatus::quarantined)
        .counter("kveik.nvme.io.failures", "Failed writes, syncs.", NvmeStatus::failures)
        .counter("kveik.nvme.scrubbed.bytes", "Verified unasked.", NvmeStatus::scrubbedBytes)
        .counter("kveik.limit.nvme.write.bytes", "Over the budget.", NvmeStatus::overBudget);
  }
}
