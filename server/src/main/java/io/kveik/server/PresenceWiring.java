package io.kveik.server;

import io.kveik.server.config.Configuration;
import io.kveik.server.config.PresenceSettings;
import io.kveik.server.runtime.Clock;
import io.kveik.server.runtime.Randomness;
import io.kveik.server.runtime.Scheduler;
import io.kveik.server.telemetry.Meters;
import io.kveik.server.tier.SharedTier;
import io.kveik.server.tier.object.presence.DigestedTier;
import io.kveik.server.tier.object.presence.PresenceDigests;
import io.kveik.server.tier.object.presence.PresenceOptions;
import io.kveik.server.tier.object.presence.PresenceStatus;
import java.nio.ByteBuffer;

/** Puts presence digests before a shared tier. */
final class PresenceWiring {
  private static final double MILLIS_PER_SECOND = 1e3;

  private PresenceWiring() {}

  /** The tier with digests before it, and their meters. Closing it closes the storage's tier. */
  static SharedTier digested(
      ObjectStorage storage,
      Configuration config,
      Scheduler scheduler,
      Clock clock,
      Meters meters) {
    long writer = ByteBuffer.wrap(Randomness.secureBytes(Long.BYTES)).getLong();
    PresenceDigests digests =
        PresenceDigests.open(
            storage.store(), storage.containers(), options(config), writer, scheduler, clock);
    bind(digests, meters);
    return new DigestedTier(storage.tier(), digests);
  }

  private static PresenceOptions options(Configuration config) {
    return new PresenceOptions(
        config.number(PresenceSettings.REFRESH_MILLIS),
        config.number(PresenceSettings.CALL_MILLIS),
        config.count(PresenceSettings.CONTAINERS),
        config.number(PresenceSettings.IDLE_MILLIS),
        config.count(PresenceSettings.SEGMENTS),
        config.number(PresenceSettings.MEMORY_BYTES),
        config.number(PresenceSettings.TRANSFER_BYTES),
        config.count(PresenceSettings.FRESH_BLOCKS),
        config.count(PresenceSettings.GONE_BLOCKS),
        config.number(PresenceSettings.REBUILD_MILLIS),
        config.count(PresenceSettings.REBUILD_BLOBS_PER_SECOND));
  }

  private static void bind(PresenceDigests digests, Meters meters) {
    meters
        .of(digests::counters)
        .counter("kveik.presence.asked", "Blocks looked for.", c -> c.asked.sum())
        .counter("kveik.presence.positives", "Of those, in a digest.", c -> c.positives.sum())
        .counter("kveik.presence.blind", "Of those, unknown.", c -> c.blind.sum())
        .counter(
            "kveik.presence.false.positives",
            "In a digest but not in the store.",
            c -> c.falsePositives.sum())
        .counter(
            "kveik.presence.published.segments", "Segments told.", c -> c.publishedSegments.sum())
        .counter("kveik.presence.published.bytes", "Bytes told.", c -> c.publishedBytes.sum())
        .counter(
            "kveik.presence.learned.segments", "Segments learned.", c -> c.learnedSegments.sum())
        .counter("kveik.presence.learned.bytes", "Bytes learned.", c -> c.learnedBytes.sum())
        .counter("kveik.presence.corrupt", "Segments that failed a check.", c -> c.corrupt.sum())
        .counter("kveik.presence.failures", "Calls that failed.", c -> c.failures.sum())
        .counter("kveik.presence.rebuilds", "Containers listed.", c -> c.rebuilds.sum())
        .counter(
            "kveik.presence.rebuild.failures", "Listings in vain.", c -> c.rebuildFailures.sum())
        .counter("kveik.presence.rebuild.blobs", "Blobs listed.", c -> c.rebuildBlobs.sum())
        .counter("kveik.limit.presence.fresh", "Blocks not told of.", c -> c.freshRefused.sum())
        .counter(
            "kveik.limit.presence.segments", "Segments left out.", c -> c.segmentsRefused.sum())
        .counter(
            "kveik.limit.presence.containers",
            "Questions without a digest.",
            c -> c.containersRefused.sum());
    meters
        .of(digests::status)
        .gauge("kveik.presence.containers", "With a digest.", PresenceStatus::containers)
        .gauge("kveik.presence.incomplete", "Not all known.", PresenceStatus::incomplete)
        .gauge("kveik.presence.segments", "Sets in memory.", PresenceStatus::segments)
        .gauge("kveik.presence.blocks", "Fingerprints in them.", PresenceStatus::blocks)
        .gauge("kveik.presence.bytes", "Memory they take.", PresenceStatus::bytes)
        .gauge("kveik.presence.fresh.blocks", "To be told of.", PresenceStatus::freshBlocks)
        .gauge("kveik.presence.gone.blocks", "Known to be gone.", PresenceStatus::goneBlocks)
        .gauge(
            "kveik.presence.false.positive.rate",
            "To be expected, where it is highest.",
            PresenceStatus::falsePositiveRate)
        .gauge(
            "kveik.presence.age.seconds",
            "Since the digest was refreshed that is oldest.",
            s -> s.oldestMillis() / MILLIS_PER_SECOND);
  }
}
