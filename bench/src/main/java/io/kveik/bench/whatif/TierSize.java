package io.kveik.bench.whatif;

import io.kveik.server.cli.Terminal;
import io.kveik.server.config.Configuration;

/**
 * How large a tier is to be, as a user writes it: a share of the trace's different blocks ("5%") or
 * bytes ("64GiB").
 *
 * @param text as it was written
 * @param share of the blocks; 0 when it is in bytes
 * @param bytes 0 when it is a share
 */
public record TierSize(String text, double share, long bytes) {
  private static final int TOKENS_PER_BLOCK = 128;

  /**
   * Reads a size.
   *
   * @throws IllegalArgumentException with a message for the user
   */
  public static TierSize parse(String text) {
    try {
      if (text.endsWith("%")) {
        double percent = Double.parseDouble(text.substring(0, text.length() - 1));
        if (percent > 0 && percent <= 100) {
          return new TierSize(text, percent / 100, 0);
        }
      } else {
        long bytes = Configuration.parseBytes(text);
        if (bytes > 0) {
          return new TierSize(text, 0, bytes);
        }
      }
    } catch (ArithmeticException | NumberFormatException e) {
      // Refused below, like a number out of bounds.
    }
    throw new IllegalArgumentException(
        "'%s' is not a size: write a share of the trace's blocks above 0%% and up to 100%%, or bytes such as 64GiB"
            .formatted(Terminal.safe(text)));
  }

  /**
   * How many ids of a trace that is, at least 1. Of a trace that is a sample of the traffic, bytes
   * are the sample's part.
   *
   * @param blockBytes payload of a block of 128 tokens; 0 when the user didn't say, and the trace
   *     must
   * @throws IllegalArgumentException with a message for the user when it is needed and 0
   */
  public int ids(BlockTrace trace, long blockBytes) {
    if (bytes == 0) {
      return (int) Math.max(1, Math.round(share * trace.blocks()));
    }
    double idBytes =
        blockBytes == 0 ? trace.idBytes() : blockBytes * trace.tokensPerId() / TOKENS_PER_BLOCK;
    if (idBytes == 0) {
      throw new IllegalArgumentException(
          "%s is in bytes: say with --block-bytes how large the KV of %d tokens is"
              .formatted(text, TOKENS_PER_BLOCK));
    }
    return Math.clamp((long) (bytes / idBytes / trace.sampleOneIn()), 1, trace.blocks());
  }
}
