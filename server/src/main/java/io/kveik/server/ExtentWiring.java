package io.kveik.server;

import io.kveik.server.config.ConfigException;
import io.kveik.server.config.Configuration;
import io.kveik.server.config.ExtentSettings;
import io.kveik.server.config.ObjectSettings;
import io.kveik.server.config.PresenceSettings;
import io.kveik.server.runtime.Clock;
import io.kveik.server.runtime.Randomness;
import io.kveik.server.runtime.Scheduler;
import io.kveik.server.runtime.Workers;
import io.kveik.server.telemetry.Meters;
import io.kveik.server.tier.BatchingTier.Batching;
import io.kveik.server.tier.SharedTier;
import io.kveik.server.tier.object.Background;
import io.kveik.server.tier.object.extent.ExtentOptions;
import io.kveik.server.tier.object.extent.ExtentStatus;
import io.kveik.server.tier.object.extent.ExtentTier;
import java.nio.ByteBuffer;
import java.util.Optional;

/** Puts extents before a shared tier. */
final class ExtentWiring {
  /** Fewer blocks are not worth a table. */
  private static final int LEAST_BLOCKS = 2;

  /** One for a container that is learned for long, the others for refreshes. */
  private static final int THREADS = 2;

  /** What is on its way at a time must fit: an extent that is rewritten is there twice. */
  private static final int EXTENTS_IN_MEMORY = 4;

  private ExtentWiring() {}

  /**
   * The tier with extents before it, and their meters. Closing it closes the one it is made of.
   *
   * @param singles keeps blocks in objects of their own
   */
  static SharedTier packed(
      ObjectStorage storage,
      SharedTier singles,
      Configuration config,
      Scheduler scheduler,
      Clock clock,
      Meters meters) {
    ExtentTier tier =
        new ExtentTier(
            new ExtentTier.Parts(
                singles, storage.store(), storage.containers(), storage.tier().codec()),
            options(config),
            threads(config),
            scheduler,
            clock,
            () -> ByteBuffer.wrap(Randomness.secureBytes(Long.BYTES)).getLong());
    bind(tier, meters);
    return tier;
  }

  private static ExtentTier.Threads threads(Configuration config) {
    int tableReads = config.count(ExtentSettings.TABLE_READS);
    return new ExtentTier.Threads(
        Background.on(
            new Workers("extents", THREADS, THREADS * config.count(PresenceSettings.CONTAINERS))),
        Background.on(new Workers("extent-tables", tableReads, tableReads)));
  }

  private static ExtentOptions options(Configuration config) {
    long target = config.number(ExtentSettings.EXTENT_BYTES);
    long largest = config.number(ExtentSettings.BLOCK_BYTES);
    long memory = config.number(ExtentSettings.MEMORY_BYTES);
    long needed = EXTENTS_IN_MEMORY * (target + largest);
    if (target > 0 && memory < needed) {
      throw new ConfigException(
          "%s: %d, must be at least %d, four times what %s and %s say together"
              .formatted(
                  ExtentSettings.MEMORY_BYTES.key(),
                  memory,
                  needed,
                  ExtentSettings.EXTENT_BYTES.key(),
                  ExtentSettings.BLOCK_BYTES.key()));
    }
    Batching batching =
        new Batching(
            largest,
            target,
            config.count(ExtentSettings.BLOCKS),
            config.number(ExtentSettings.WAIT_MILLIS));
    return new ExtentOptions(
        target == 0 ? Optional.empty() : Optional.of(batching),
        LEAST_BLOCKS,
        new ExtentOptions.Calls(
            config.number(ObjectSettings.FIND_MILLIS),
            config.number(ObjectSettings.READ_MILLIS),
            config.number(ObjectSettings.WRITE_MILLIS)),
        config.number(ExtentSettings.REFRESH_MILLIS),
        config.number(ExtentSettings.RELIST_MILLIS),
        config.count(ExtentSettings.TABLE_READS),
        config.count(ExtentSettings.LIVE_PERCENT),
        config.number(ExtentSettings.REWRITE_MILLIS),
        config.number(ExtentSettings.DIRECTORY_BLOCKS),
        memory,
        config.count(PresenceSettings.CONTAINERS),
        config.number(PresenceSettings.IDLE_MILLIS),
        config.count(ObjectSettings.QUARANTINE));
  }

  private static void bind(ExtentTier tier, Meters meters) {
    meters
        .of(tier::counters)
        .counter("kveik.extent.written", "Extents stored.", c -> c.written.sum())
        .counter("kveik.extent.written.bytes", "Bytes of them.", c -> c.writtenBytes.sum())
        .counter("kveik.extent.packed.blocks", "Blocks put into them.", c -> c.packedBlocks.sum())
        .counter("kveik.extent.learned", "Extents of others learned.", c -> c.learned.sum())
        .counter("kveik.extent.learn.failures", "Listings in vain.", c -> c.learnFailures.sum())
        .counter("kveik.extent.rewritten", "Written again with less.", c -> c.rewritten.sum())
        .counter("kveik.extent.rewrite.failures", "In vain.", c -> c.rewriteFailures.sum())
        .counter("kveik.extent.quarantined", "Failed a check.", c -> c.quarantined.sum())
        .counter(
            "kveik.limit.extent.directory", "Extents not known.", c -> c.directoryRefused.sum())
        .counter("kveik.limit.extent.memory", "No room for one.", c -> c.memoryRefused.sum())
        .counter(
            "kveik.limit.extent.containers",
            "Questions about others.",
            c -> c.containersRefused.sum());
    meters
        .of(tier::status)
        .gauge("kveik.extent.containers", "In use.", ExtentStatus::containers)
        .gauge("kveik.extent.unlearned", "Not all known yet.", ExtentStatus::unlearned)
        .gauge("kveik.extent.blocks", "Known to be in extents.", ExtentStatus::blocks)
        .gauge("kveik.extent.bytes", "Bytes of the extents known.", ExtentStatus::bytes);
  }
}
