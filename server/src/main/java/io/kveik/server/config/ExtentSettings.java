package io.kveik.server.config;

import static io.kveik.server.config.Setting.Kind.BYTES;
import static io.kveik.server.config.Setting.Kind.COUNT;
import static io.kveik.server.config.Setting.Kind.MILLIS;
import static io.kveik.server.config.Setting.number;

import java.util.List;

/**
 * Settings of extents, by which small blocks share an object, in the order {@code config explain}
 * shows them.
 */
public final class ExtentSettings {
  private static final long MIB = 1L << 20;
  private static final long GIB = 1L << 30;
  private static final long DAY_MILLIS = 24L * 60 * 60 * 1000;

  public static final Setting EXTENT_BYTES =
      number(
              "object.extent-bytes",
              BYTES,
              "0",
              0,
              64 * MIB,
              "Small blocks of a namespace that wait together are stored as one object of about so"
                  + " many bytes, 1MiB for instance; 0: each as its own.")
          .mapping("with 0, extents that are there are still read, and blocks removed from them");
  public static final Setting BLOCKS =
      number("object.extent-blocks", COUNT, "256", 2, 256, "Blocks in an extent, at most.");
  public static final Setting BLOCK_BYTES =
      number(
          "object.extent-block-bytes",
          BYTES,
          "64KiB",
          0,
          16 * MIB,
          "The largest block that goes into an extent.");
  public static final Setting WAIT_MILLIS =
      number(
          "object.extent-wait-millis",
          MILLIS,
          "50",
          0,
          DAY_MILLIS,
          "How long a small block waits for others; a write with ack level shared waits too.");
  public static final Setting REFRESH_MILLIS =
      number(
              "object.extent-refresh-millis",
              MILLIS,
              "5000",
              100,
              DAY_MILLIS,
              "How often extents of other servers are looked for.")
          .mapping("one or two listings per period and container, and a fetch per new extent");
  public static final Setting RELIST_MILLIS =
      number(
          "object.extent-relist-millis",
          MILLIS,
          "3600000",
          1_000,
          DAY_MILLIS,
          "How often all extents of a container are listed.");
  public static final Setting TABLE_READS =
      number(
          "object.extent-table-reads",
          COUNT,
          "8",
          1,
          64,
          "Extents whose tables are read at a time, while a container is learned.");
  public static final Setting LIVE_PERCENT =
      number(
          "object.extent-live-percent",
          COUNT,
          "50",
          0,
          100,
          "An extent is rewritten when less of its bytes than that has time left; 0: never.");
  public static final Setting REWRITE_MILLIS =
      number(
          "object.extent-rewrite-millis",
          MILLIS,
          "250",
          1,
          DAY_MILLIS,
          "From one such rewriting to the next, at least.");
  public static final Setting DIRECTORY_BLOCKS =
      number(
              "object.extent-directory-blocks",
              COUNT,
              "1000000",
              1,
              100_000_000,
              "Blocks in extents that a server knows, its own and others'; about 60 bytes each.")
          .mapping("blocks beyond are missed, and removals read the tables of all such extents");
  public static final Setting MEMORY_BYTES =
      number(
          "object.extent-memory-bytes",
          BYTES,
          "64MiB",
          2 * MIB,
          64 * GIB,
          "Memory for extents on their way; without room blocks go one by one.");

  static final List<Setting> ALL =
      List.of(
          EXTENT_BYTES,
          BLOCKS,
          BLOCK_BYTES,
          WAIT_MILLIS,
          REFRESH_MILLIS,
          RELIST_MILLIS,
          TABLE_READS,
          LIVE_PERCENT,
          REWRITE_MILLIS,
          DIRECTORY_BLOCKS,
          MEMORY_BYTES);

  private ExtentSettings() {}
}
