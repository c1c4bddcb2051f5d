package io.kveik.server.config;

import static io.kveik.server.config.Setting.Kind.BYTES;
import static io.kveik.server.config.Setting.Kind.COUNT;
import static io.kveik.server.config.Setting.number;
import static io.kveik.server.config.Setting.text;

import java.util.List;

/** Settings of the access recording, in the order {@code config explain} shows them. */
public final class RecordingSettings {
  private static final long MIB = 1L << 20;
  private static final long TIB = 1L << 40;

  public static final Setting DIR =
      text(
          "record.dir",
          "",
          "Directory to record lookups in, keys hashed, for ./kveik what-if; empty: none.");
  public static final Setting SAMPLE =
      number(
          "record.sample",
          COUNT,
          "1",
          1,
          1_000_000,
          "One chain in so many is recorded, chosen by its first block; 1: all.");
  public static final Setting BYTES_LIMIT =
      number(
          "record.bytes",
          BYTES,
          "256MiB",
          MIB,
          TIB,
          "Disk for the recording; the oldest part goes first.");
  public static final Setting QUEUE =
      number(
              "record.queue",
              COUNT,
              "65536",
              1,
              100_000_000,
              "Blocks of requests that may wait to be recorded; requests beyond are dropped.")
          .mapping("about 1 KiB of heap each for v1, 100 bytes for native blocks");

  static final List<Setting> ALL = List.of(DIR, SAMPLE, BYTES_LIMIT, QUEUE);

  private RecordingSettings() {}
}
