package io.kveik.server.config;

import static io.kveik.server.config.Setting.Kind.BYTES;
import static io.kveik.server.config.Setting.Kind.COUNT;
import static io.kveik.server.config.Setting.Kind.MILLIS;
import static io.kveik.server.config.Setting.choice;
import static io.kveik.server.config.Setting.number;

import java.util.List;

/** Settings of how blocks move between tiers, in the order {@code config explain} shows them. */
public final class MovementSettings {
  private static final long DAY_MILLIS = 24L * 60 * 60 * 1000;
  private static final long TIB = 1L << 40;

  public static final Setting NVME_ADMIT = admit("nvme", "eviction");
  public static final Setting FS_ADMIT = admit("fs", "write");
  public static final Setting DRAM_PROMOTE =
      choice(
              "dram.promote",
              "always",
              List.of("always", "second-use"),
              "Which blocks read from below DRAM enter it.")
          .mapping(
              "second-use: once DRAM is full, those read from below twice; a scan pushes out none");
  public static final Setting DRAM_LOW_WATERMARK_PERCENT =
      number(
          "dram.low-watermark-percent",
          COUNT,
          "4",
          0,
          50,
          "Demotion begins when less of DRAM is free; only where a tier admits on eviction.");
  public static final Setting DRAM_HIGH_WATERMARK_PERCENT =
      number(
          "dram.high-watermark-percent", COUNT, "6", 0, 50, "Demotion goes on until so much is.");
  public static final Setting BEHIND_BYTES_PER_SECOND =
      number(
          "behind.bytes-per-second",
          BYTES,
          "0",
          0,
          TIB,
          "What background work may move to and from one tier; 0: no bound.");
  public static final Setting BEHIND_PAUSE_MILLIS =
      number(
              "behind.pause-millis",
              MILLIS,
              "5",
              0,
              DAY_MILLIS,
              "While reads of a tier go on, background work starts a block at most so often.")
          .mapping("one at a time then; writes that wait for the tier's ack level go at once");

  public static final Setting PREFETCH_IN_FLIGHT =
      number("prefetch.in-flight", COUNT, "4", 1, 1_024, "Blocks fetched ahead at a time.");
  public static final Setting PREFETCH_BYTES =
      number(
              "prefetch.bytes",
              BYTES,
              "256MiB",
              0,
              64 * TIB,
              "Blocks being fetched ahead or waiting for it, at most; 0: none.")
          .mapping("never more than an eighth of dram-bytes");
  public static final Setting PREFETCH_LEAD_MILLIS =
      number(
          "prefetch.lead-millis",
          MILLIS,
          "2000",
          0,
          DAY_MILLIS,
          "How long before a conversation's next turn is expected its blocks are fetched.");
  public static final Setting LIMIT_CONVERSATIONS =
      number(
          "limits.conversations",
          COUNT,
          "16384",
          1,
          10_000_000,
          "Conversations (continue_id) whose last block is remembered; one more ends the oldest.");

  static final List<Setting> ALL =
      List.of(
          NVME_ADMIT,
          FS_ADMIT,
          DRAM_PROMOTE,
          DRAM_LOW_WATERMARK_PERCENT,
          DRAM_HIGH_WATERMARK_PERCENT,
          BEHIND_BYTES_PER_SECOND,
          BEHIND_PAUSE_MILLIS,
          PREFETCH_IN_FLIGHT,
          PREFETCH_BYTES,
          PREFETCH_LEAD_MILLIS,
          LIMIT_CONVERSATIONS);

  private MovementSettings() {}

  /** When a tier below DRAM takes blocks that no writer waits for. */
  private static Setting admit(String tier, String usual) {
    return choice(
            tier + ".admit",
            usual,
            List.of("write", "eviction", "second-use"),
            "When the " + tier + " tier takes a block: as it is stored, or when DRAM evicts it.")
        .mapping("second-use: when DRAM evicts it, if it was used or has left DRAM before");
  }
}
