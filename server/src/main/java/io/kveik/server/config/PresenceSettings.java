package io.kveik.server.config;

import static io.kveik.server.config.Setting.Kind.BYTES;
import static io.kveik.server.config.Setting.Kind.COUNT;
import static io.kveik.server.config.Setting.Kind.MILLIS;
import static io.kveik.server.config.Setting.number;

import java.util.List;

/**
 * Settings of presence digests, by which a server knows what is in a shared store without asking
 * it, in the order {@code config explain} shows them.
 */
public final class PresenceSettings {
  private static final long KIB = 1024;
  private static final long GIB = 1L << 30;
  private static final long DAY_MILLIS = 24L * 60 * 60 * 1000;

  public static final Setting REFRESH_MILLIS =
      number(
              "presence.refresh-millis",
              MILLIS,
              "5000",
              100,
              DAY_MILLIS,
              "How often what was stored in a shared store is told to other servers, and theirs"
                  + " learned.")
          .mapping(
              "others know of a block after 1.2 periods on average and 2.5 at most; one listing per"
                  + " period and container");
  public static final Setting CALL_MILLIS =
      number(
          "presence.call-millis",
          MILLIS,
          "10000",
          1,
          DAY_MILLIS,
          "A call to the store for a digest gives up after this.");
  public static final Setting CONTAINERS =
      number(
          "presence.containers",
          COUNT,
          "1000",
          1,
          100_000,
          "Containers with digests; of others any block may be there, and is asked for.");
  public static final Setting IDLE_MILLIS =
      number(
          "presence.idle-millis",
          MILLIS,
          "600000",
          1_000,
          DAY_MILLIS,
          "The digest of a container that no request names for so long is let go.");
  public static final Setting SEGMENTS =
      number(
          "presence.segments",
          COUNT,
          "256",
          8,
          10_000,
          "With more segments than that a container's digest is rebuilt into one.");
  public static final Setting MEMORY_BYTES =
      number(
          "presence.bytes",
          BYTES,
          "128MiB",
          64 * KIB,
          64 * GIB,
          "Memory for digests of others; about 1.5 bytes a block.");
  public static final Setting TRANSFER_BYTES =
      number(
          "presence.transfer-bytes",
          BYTES,
          "64MiB",
          64 * KIB,
          GIB,
          "The largest part of a digest that is published or fetched at once.");
  public static final Setting FRESH_BLOCKS =
      number(
          "presence.fresh-blocks",
          COUNT,
          "1000000",
          1,
          100_000_000,
          "Blocks of a container that wait to be told of; others don't learn of more.");
  public static final Setting GONE_BLOCKS =
      number(
          "presence.gone-blocks",
          COUNT,
          "65536",
          1,
          10_000_000,
          "Blocks of a container remembered as absent although a digest has them.");
  public static final Setting REBUILD_MILLIS =
      number(
          "presence.rebuild-millis",
          MILLIS,
          "600000",
          1_000,
          DAY_MILLIS,
          "A container whose digest is missing or damaged is listed once in so long, by one server.");
  public static final Setting REBUILD_BLOBS_PER_SECOND =
      number(
          "presence.rebuild-blobs-per-second",
          COUNT,
          "20000",
          1,
          10_000_000,
          "How fast a container is listed for that.");

  static final List<Setting> ALL =
      List.of(
          REFRESH_MILLIS,
          CALL_MILLIS,
          CONTAINERS,
          IDLE_MILLIS,
          SEGMENTS,
          MEMORY_BYTES,
          TRANSFER_BYTES,
          FRESH_BLOCKS,
          GONE_BLOCKS,
          REBUILD_MILLIS,
          REBUILD_BLOBS_PER_SECOND);

  private PresenceSettings() {}
}
