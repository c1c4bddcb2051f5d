package io.kveik.server.tier.fs;

import io.kveik.server.codec.CodecKind;
import io.kveik.server.codec.CodecOptions;

/**
 * How a file system tier behaves.
 *
 * @param capacityBytes what {@link FsTier#usage} states as the limit; whoever stacks the tiers
 *     evicts to keep it, the tier itself stores until the disk is full
 * @param fsync whether a put returns only once the block survives power loss; without it a block
 *     survives kill -9 alone
 * @param quarantineLimit corrupt files kept for inspection, newest first; 0 deletes them at once
 * @param nonce differs from one start of the process to the next; part of temporary file names
 * @param codec how payloads are encoded that are put
 */
public record FsTierOptions(
    long capacityBytes, boolean fsync, int quarantineLimit, long nonce, CodecOptions codec) {
  public static final int DEFAULT_QUARANTINE_LIMIT = 100;

  /** Checks each option against its limits. */
  public FsTierOptions {
    if (capacityBytes < 0) {
      throw new IllegalArgumentException("capacity_bytes=" + capacityBytes + " is below 0");
    }
    if (quarantineLimit < 0) {
      throw new IllegalArgumentException("quarantine_limit=" + quarantineLimit + " is below 0");
    }
  }

  /** Synced, with the default quarantine, payloads as they are. */
  public static FsTierOptions of(long capacityBytes, long nonce) {
    return new FsTierOptions(
        capacityBytes, true, DEFAULT_QUARANTINE_LIMIT, nonce, CodecOptions.of(CodecKind.NONE));
  }

  public FsTierOptions withFsync(boolean on) {
    return new FsTierOptions(capacityBytes, on, quarantineLimit, nonce, codec);
  }

  public FsTierOptions withQuarantineLimit(int files) {
    return new FsTierOptions(capacityBytes, fsync, files, nonce, codec);
  }

  public FsTierOptions withCodec(CodecOptions options) {
    return new FsTierOptions(capacityBytes, fsync, quarantineLimit, nonce, options);
  }
}
