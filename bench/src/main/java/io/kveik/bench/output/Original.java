package io.kveik.bench.output;

/** The figures that the original of this store was published with: 80 vCPUs, January 2026. */
final class Original {
  /** Tokens per second, reads and writes, at a concurrency of 80. */
  static final double PEAK_TOKENS_PER_SECOND = 93_900;

  /** The same, for people. */
  static final String DESCRIPTION =
      "the original: 94 K tokens/s at most, on 80 vCPUs, 30 Gbit/s and cloud storage,"
          + " blocks of 512 bytes";

  private Original() {}
}
