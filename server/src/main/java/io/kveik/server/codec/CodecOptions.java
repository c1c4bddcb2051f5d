package io.kveik.server.codec;

/**
 * How a tier encodes payloads.
 *
 * @param kind of what is put from now on; what is there is decoded whatever it is
 * @param concurrency payloads that the tier encodes or decodes at a time, 1 to {@link
 *     #MAX_CONCURRENCY}; 1.5 MB of native memory each
 * @param scratchBytes memory to encode into, {@link #MIN_SCRATCH_BYTES} or more; a payload for
 *     which there is none is stored as it is
 */
public record CodecOptions(CodecKind kind, int concurrency, long scratchBytes) {
  public static final int MAX_CONCURRENCY = 1_024;
  public static final long MIN_SCRATCH_BYTES = 1 << 20;

  private static final int DEFAULT_CONCURRENCY = 8;
  private static final long DEFAULT_SCRATCH_BYTES = 64L << 20;

  /** Checks each option against its limits. */
  public CodecOptions {
    if (concurrency < 1 || concurrency > MAX_CONCURRENCY) {
      throw new IllegalArgumentException(
          "codec.concurrency=%d, must be 1 to %d".formatted(concurrency, MAX_CONCURRENCY));
    }
    if (scratchBytes < MIN_SCRATCH_BYTES) {
      throw new IllegalArgumentException(
          "codec.scratch_bytes=%d, must be at least %d".formatted(scratchBytes, MIN_SCRATCH_BYTES));
    }
  }

  /** With the other defaults. */
  public static CodecOptions of(CodecKind kind) {
    return new CodecOptions(kind, DEFAULT_CONCURRENCY, DEFAULT_SCRATCH_BYTES);
  }
}
