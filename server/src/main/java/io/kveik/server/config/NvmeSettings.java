package io.kveik.server.config;

import static io.kveik.server.config.Setting.Kind.COUNT;
import static io.kveik.server.config.Setting.choice;
import static io.kveik.server.config.Setting.number;
import static io.kveik.server.config.Setting.text;

import java.util.List;

/**
 * The settings of the nvme tier.
 *
 * <p>It is off by default: by default the fs tier keeps its blocks on the same disk, and every
 * block would be there twice.
 */
public final class NvmeSettings {
  private static final long KIB = 1024;
  private static final long MIB = 1024 * KIB;
  private static final long GIB = 1024 * MIB;
  private static final long TIB = 1024 * GIB;
  private static final long PIB = 1024 * TIB;

  public static final Setting BYTES =
      number(
              "nvme.bytes",
              Setting.Kind.BYTES,
              "0",
              0,
              PIB,
              "Disk for the nvme tier; 0: no nvme tier.")
          .mapping("length of all its segment files together; at least 64 MiB where it is not 0");
  public static final Setting DIR =
      text("nvme.dir", "", "Directory of the nvme tier, on a local disk; empty: in data-dir.")
          .mapping("empty: nvme in the data directory");
  public static final Setting SEGMENT_BYTES =
      number(
              "nvme.segment-bytes",
              Setting.Kind.BYTES,
              "256MiB",
              1 * MIB,
              32 * GIB,
              "Length of a segment: what is freed at a time, and the largest block.")
          .mapping("never more than a 16th of nvme.bytes, never less than an 8192nd");
  public static final Setting FSYNC =
      choice(
          "nvme.fsync",
          "on",
          List.of("on", "off"),
          "Sync before a block counts as stored; off: it survives kill -9, not power loss.");
  public static final Setting IO =
      choice(
              "nvme.io",
              "auto",
              List.of("auto", "direct", "buffered"),
              "Past the page cache or through it.")
          .mapping("auto: direct (O_DIRECT) where the file system can");
  public static final Setting REINSERT_PERCENT =
      number(
          "nvme.reinsert-percent",
          COUNT,
          "50",
          0,
          90,
          "Most of a freed segment that is written again since it was hit.");
  public static final Setting WRITE_BYTES_PER_DAY =
      number(
              "nvme.write-bytes-per-day",
              Setting.Kind.BYTES,
              "0",
              0,
              64 * PIB,
              "Over it, a block is let in only when it is offered again; 0: no bound.")
          .mapping("a token bucket that holds an hour's worth");
  public static final Setting BUDGET_GHOSTS =
      number(
          "nvme.budget-ghosts",
          COUNT,
          "65536",
          1,
          1 << 28,
          "Blocks remembered of those that the write budget refused.");
  public static final Setting SCRUB_BYTES_PER_SECOND =
      number(
          "nvme.scrub-bytes-per-second",
          Setting.Kind.BYTES,
          "4MiB",
          0,
          64 * GIB,
          "Blocks read to find those that rot; 0: none.");
  public static final Setting STAGING_BUFFERS =
      number("nvme.staging-buffers", COUNT, "16", 1, 1_024, "Transfers at a time, 1 MiB each.");
  public static final Setting READ_WINDOW_BYTES =
      number(
              "nvme.read-window-bytes",
              Setting.Kind.BYTES,
              "3MiB",
              4 * KIB,
              1 * GIB,
              "Of blocks of 128 KiB and more read at a time; others wait their turn.")
          .mapping("for direct I/O; the disk's bandwidth times its latency, two blocks at least");
  public static final Setting OPEN_THREADS =
      number("nvme.open-threads", COUNT, "4", 1, 256, "Segments read at a time at the start.");
  public static final Setting TABLE_BYTES =
      number(
          "nvme.table-bytes",
          Setting.Kind.BYTES,
          "128MiB",
          0,
          64 * GIB,
          "Of what the start reads, kept until it is listed; 256 bytes a block.");

  static final List<Setting> ALL =
      List.of(
          BYTES,
          DIR,
          SEGMENT_BYTES,
          FSYNC,
          IO,
          REINSERT_PERCENT,
          WRITE_BYTES_PER_DAY,
          BUDGET_GHOSTS,
          SCRUB_BYTES_PER_SECOND,
          STAGING_BUFFERS,
          READ_WINDOW_BYTES,
          OPEN_THREADS,
          TABLE_BYTES);

  private NvmeSettings() {}
}
