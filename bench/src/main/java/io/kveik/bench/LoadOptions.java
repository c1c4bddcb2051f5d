package io.kveik.bench;

import io.kveik.bench.load.LoadPlan;
import io.kveik.bench.load.Mix;
import io.kveik.bench.report.ByteSizes;
import io.kveik.client.AckLevel;
import io.kveik.client.BlockScope;
import java.io.IOException;
import java.io.PrintWriter;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** How much load, and for how long. */
final class LoadOptions {
  @Option(
      names = "--block-bytes",
      paramLabel = "SIZE",
      converter = ByteSizes.class,
      defaultValue = "1228800",
      description = "Payload of a block, 16 to 64MiB. Default: ${DEFAULT-VALUE}.")
  private long blockBytes;

  @Option(
      names = "--blocks",
      paramLabel = "N",
      defaultValue = "200",
      description =
          "Blocks of the working set, rounded up to whole chains; the own server's DRAM has room"
              + " for them. Default: ${DEFAULT-VALUE}.")
  private int blocks;

  @Option(
      names = "--chain",
      paramLabel = "N",
      defaultValue = "8",
      description = "Blocks of a chain. Default: ${DEFAULT-VALUE}.")
  private int chain;

  @Option(
      names = "--concurrency",
      paramLabel = "N",
      defaultValue = "4",
      description =
          "Clients, each a thread with a connection of its own. Default: ${DEFAULT-VALUE}.")
  private int concurrency;

  @Option(
      names = "--seconds",
      paramLabel = "N",
      defaultValue = "10",
      description = "How long to measure. Default: ${DEFAULT-VALUE}.")
  private int seconds;

  @Option(
      names = "--warmup",
      paramLabel = "N",
      defaultValue = "3",
      description = "Seconds of the same load before that. Default: ${DEFAULT-VALUE}.")
  private int warmup;

  @Option(
      names = "--csv",
      paramLabel = "FILE",
      description =
          "Also write the figures as CSV, a line per operation; - for standard output, the text"
              + " then to error.")
  private @Nullable String csv;

  /**
   * Refuses a file that can't be written, and two things on standard output.
   *
   * @throws IllegalArgumentException with a message for the user
   */
  void check(ResultOptions result) {
    ResultOptions.checkWritable("--csv", csv);
    if (takesStandardOutput() && result.takesStandardOutput()) {
      throw new IllegalArgumentException("--json - and --csv - exclude each other");
    }
  }

  /** Whether standard output is the CSV's alone. */
  boolean takesStandardOutput() {
    return ResultOptions.STANDARD_OUTPUT.equals(csv);
  }

  /**
   * The plan.
   *
   * @throws IllegalArgumentException when it is out of bounds
   */
  LoadPlan plan(Mix mix, boolean streaming, BlockScope scope, AckLevel ack) {
    return new LoadPlan(
        mix,
        streaming,
        scope,
        (int) Math.min(blockBytes, Integer.MAX_VALUE),
        blocks,
        chain,
        concurrency,
        warmup,
        seconds,
        ack);
  }

  /** Writes the CSV where it is wanted. */
  void publish(String text, PrintWriter out) throws IOException {
    if (csv != null) {
      ResultOptions.write(csv, text, out);
    }
  }
}
