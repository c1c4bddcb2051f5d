package io.kveik.bench;

import io.kveik.bench.block.PayloadKind;
import io.kveik.bench.load.Mix;
import io.kveik.bench.load.Verification;
import io.kveik.bench.load.Workload;
import io.kveik.bench.report.ByteSizes;
import io.kveik.server.cli.Durations;
import java.time.Duration;
import picocli.CommandLine.Option;

/** What clients do, to which blocks. */
final class WorkloadOptions {
  @Option(
      names = "--block-bytes",
      paramLabel = "SIZE",
      converter = ByteSizes.class,
      defaultValue = "1200KiB",
      description =
          "Payload of a block, 16 to 64MiB: 64KB, 1200KiB, 16MB (K is 1,024)."
              + " Default: ${DEFAULT-VALUE}.")
  private long blockBytes;

  @Option(
      names = "--blocks",
      paramLabel = "N",
      defaultValue = "200",
      description =
          "Blocks of the working set, rounded up to whole chains; stores that are started have"
              + " room for them. Default: ${DEFAULT-VALUE}.")
  private int blocks;

  @Option(
      names = "--chain",
      paramLabel = "N",
      defaultValue = "8",
      description = "Blocks of a chain. Default: ${DEFAULT-VALUE}.")
  private int chain;

  @Option(
      names = "--payload",
      paramLabel = "KIND",
      converter = Keys.Payloads.class,
      defaultValue = "random",
      description =
          "What blocks hold: random, which nothing compresses, or compressible, to about a half."
              + " Default: ${DEFAULT-VALUE}.")
  private PayloadKind payload = PayloadKind.RANDOM;

  @Option(
      names = "--verify",
      paramLabel = "HOW",
      converter = Keys.Verifications.class,
      defaultValue = "sample",
      description =
          "How each block read is compared, the time of which counts: ends (the first and the last 8"
              + " bytes), sample (8 bytes of every 4,096, the first and the last), or full (CRC32C)."
              + " The same for every store. Default: ${DEFAULT-VALUE}.")
  private Verification verification = Verification.SAMPLE;

  @Option(
      names = "--expected-interval",
      paramLabel = "TIME",
      converter = Durations.class,
      description =
          "Closed loop: correct latencies as if each client had meant to call this often"
              + " (HdrHistogram's correction of coordinated omission). Default: none. --rate needs"
              + " no correction.")
  private Duration expectedInterval = Duration.ZERO;

  /**
   * The workload.
   *
   * @throws IllegalArgumentException when it is out of bounds
   */
  Workload workload(Mix mix, boolean streaming) {
    return new Workload(
        mix,
        streaming,
        (int) Math.min(blockBytes, Integer.MAX_VALUE),
        blocks,
        chain,
        payload,
        verification,
        expectedInterval.toNanos());
  }
}
