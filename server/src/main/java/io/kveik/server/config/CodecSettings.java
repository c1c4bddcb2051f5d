package io.kveik.server.config;

import static io.kveik.server.config.Setting.Kind.COUNT;
import static io.kveik.server.config.Setting.choice;
import static io.kveik.server.config.Setting.number;

import java.util.List;

/**
 * How payloads are stored in the tiers that have a codec.
 *
 * <p>Object storage gets zstd by default: a core decodes several times what one connection brings,
 * so fewer bytes are less time and less money. The nvme and fs tiers get none: their hits are read
 * straight into the memory that they are served from, about as fast as a core would decode them.
 */
public final class CodecSettings {
  private static final List<String> CODECS = List.of("none", "lz4", "zstd");
  private static final long MIB = 1L << 20;
  private static final long GIB = 1024 * MIB;
  private static final String MAPPING =
      "of what is stored from now on; what saves less than a tenth is stored as it is";

  public static final Setting NVME =
      choice("nvme.codec", "none", CODECS, "How the nvme tier encodes payloads.").mapping(MAPPING);
  public static final Setting FS =
      choice("fs.codec", "none", CODECS, "How the fs tier encodes payloads.").mapping(MAPPING);
  public static final Setting OBJECT =
      choice("object.codec", "zstd", CODECS, "How object storage gets payloads encoded.")
          .mapping(MAPPING);
  public static final Setting CONCURRENCY =
      number(
          "codec.concurrency",
          COUNT,
          "8",
          1,
          1_024,
          "Payloads that a tier encodes or decodes at a time; 1.5 MB each.");
  public static final Setting SCRATCH_BYTES =
      number(
              "codec.scratch-bytes",
              Setting.Kind.BYTES,
              "64MiB",
              1 * MIB,
              16 * GIB,
              "Memory that a tier encodes into.")
          .mapping("per tier with a codec; a payload for which there is none is stored as it is");

  static final List<Setting> ALL = List.of(NVME, FS, OBJECT, CONCURRENCY, SCRATCH_BYTES);

  private CodecSettings() {}
}
