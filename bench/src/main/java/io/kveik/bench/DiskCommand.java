package io.kveik.bench;

import com.google.gson.JsonObject;
import io.kveik.bench.disk.DiskContest;
import io.kveik.bench.disk.DiskFigures;
import io.kveik.bench.disk.DiskPlan;
import io.kveik.bench.report.ByteSizes;
import io.kveik.bench.run.StopSignal;
import io.kveik.server.cli.Terminal;
import io.kveik.server.tier.nvme.IoMode;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code ./kveik bench nvme}: the nvme tier beside raw direct I/O. */
@Command(
    name = "nvme",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = {
      "Writes and reads blocks through the nvme tier, in turn with raw O_DIRECT I/O of the same"
          + " length, from as many threads, on the same disk; and starts over what was written.",
      "",
      "First into new files, then over what is there, as a tier that is full does. Each of the"
          + " tier's writes is durable before it returns. Raw writes are measured twice: synced once"
          + " at their end, and each durable before its thread goes on, syncs shared. Reads are in"
          + " random order, raw ones of the tier's own files. They take turns, a sixteenth of the"
          + " blocks at a time, in as much memory of the same kind. A first round doesn't count."
          + " Rates are of payload; each figure is the median over the rounds, a ratio that of the"
          + " ratios in each."
    },
    footer = {
      "",
      "Examples:",
      "  ./kveik bench nvme --dir /mnt/nvme --threads 1",
      "  ./kveik bench nvme --payload 4096 --blocks 100000 --rounds 1",
      "",
      "Exit code: 0, 1 when the disk fails, 2 for usage."
    })
final class DiskCommand implements Callable<Integer> {
  private static final double MEGA = 1e6;

  @Spec private CommandSpec spec = CommandSpec.create();

  @Option(
      names = "--dir",
      paramLabel = "DIR",
      description =
          "On the disk to measure, with room for the blocks three times; what is made there is"
              + " deleted. Default: here.")
  private Path directory = Path.of(".");

  @Option(
      names = "--payload",
      paramLabel = "BYTES",
      converter = ByteSizes.class,
      description = "Of a block. Default: 1228800.")
  private long payloadBytes = 1_228_800;

  @Option(
      names = "--blocks",
      paramLabel = "N",
      description =
          "A sixteenth of them fills a segment. Default: ${DEFAULT-VALUE}, which with the default"
              + " payload makes segments as large as a server's.")
  private int blocks = 3_000;

  @Option(names = "--threads", paramLabel = "N", description = "Default: ${DEFAULT-VALUE}.")
  private int threads = 4;

  @Option(names = "--rounds", paramLabel = "N", description = "Default: ${DEFAULT-VALUE}.")
  private int rounds = 3;

  @Option(names = "--io", paramLabel = "MODE", description = "direct, buffered or auto.")
  private String io = "auto";

  @Option(names = "--seed", paramLabel = "N", description = "Default: ${DEFAULT-VALUE}.")
  private long seed = 1;

  @Mixin private ResultOptions result = new ResultOptions();

  @Override
  public Integer call() throws InterruptedException {
    try (StopSignal stop = StopSignal.onShutdown()) {
      result.check();
      DiskPlan plan = plan();
      DiskFigures figures = new DiskContest(plan, stop).run();
      result.publish(
          text(plan, figures),
          json(plan, figures),
          spec.commandLine().getOut(),
          spec.commandLine().getErr());
      return ExitCode.OK;
    } catch (IllegalArgumentException e) {
      return complain(ExitCode.USAGE, String.valueOf(e.getMessage()));
    } catch (IOException e) {
      return complain(ExitCode.SOFTWARE, String.valueOf(e.getMessage()));
    }
  }

  private DiskPlan plan() {
    within("--payload", payloadBytes, 1, 256 << 20);
    within("--blocks", blocks, 1, 10_000_000);
    within("--threads", threads, 1, 64);
    within("--rounds", rounds, 1, 1_000);
    within("--payload times --threads", payloadBytes * threads, 1, 1 << 30);
    IoMode mode =
        switch (io) {
          case "auto" -> IoMode.AUTO;
          case "direct" -> IoMode.DIRECT;
          case "buffered" -> IoMode.BUFFERED;
          default -> throw new IllegalArgumentException("--io: must be direct, buffered or auto");
        };
    return new DiskPlan(directory, (int) payloadBytes, blocks, threads, rounds, mode, seed);
  }

  private static void within(String option, long value, long min, long max) {
    if (value < min || value > max) {
      throw new IllegalArgumentException(
          "%s: %d, must be %d to %d".formatted(option, value, min, max));
    }
  }

  private static String text(DiskPlan plan, DiskFigures figures) {
    return """
    %d blocks of %s, %d threads, %s; MB/s
    %s%s%sstart   open %,7.0f ms     listed %,.0f ms later
    """
        .formatted(
            plan.blocks(),
            ByteSizes.format(plan.payloadBytes()),
            plan.threads(),
            plan.io().name().toLowerCase(Locale.ROOT),
            text("write", figures.fresh()),
            text("again", figures.again()),
            text(figures.reads()),
            figures.openMillis(),
            figures.listMillis());
  }

  private static String text(String name, DiskFigures.Writes writes) {
    return "%s   tier %,7.0f   raw %,7.0f, ratio %.2f   raw, synced as the tier is %,7.0f, ratio %.2f%n"
        .formatted(
            name,
            writes.tier() / MEGA,
            writes.raw() / MEGA,
            writes.ratio(),
            writes.rawSynced() / MEGA,
            writes.syncedRatio());
  }

  private static String text(DiskFigures.Reads reads) {
    return "read    tier %,7.0f   raw %,7.0f, ratio %.2f%n"
        .formatted(reads.tier() / MEGA, reads.raw() / MEGA, reads.ratio());
  }

  private static JsonObject json(DiskPlan plan, DiskFigures figures) {
    JsonObject json = new JsonObject();
    json.addProperty("payloadBytes", plan.payloadBytes());
    json.addProperty("blocks", plan.blocks());
    json.addProperty("threads", plan.threads());
    json.addProperty("rounds", plan.rounds());
    json.add("write", json(figures.fresh()));
    json.add("writeAgain", json(figures.again()));
    json.addProperty("rawReadBytesPerSecond", figures.reads().raw());
    json.addProperty("tierReadBytesPerSecond", figures.reads().tier());
    json.addProperty("readRatio", figures.reads().ratio());
    json.addProperty("openMillis", figures.openMillis());
    json.addProperty("listMillis", figures.listMillis());
    return json;
  }

  private static JsonObject json(DiskFigures.Writes writes) {
    JsonObject json = new JsonObject();
    json.addProperty("rawBytesPerSecond", writes.raw());
    json.addProperty("rawSyncedBytesPerSecond", writes.rawSynced());
    json.addProperty("tierBytesPerSecond", writes.tier());
    json.addProperty("ratio", writes.ratio());
    json.addProperty("syncedRatio", writes.syncedRatio());
    return json;
  }

  private int complain(int exitCode, String message) {
    PrintWriter err = spec.commandLine().getErr();
    err.println(spec.qualifiedName() + ": " + Terminal.safe(message));
    err.flush();
    return exitCode;
  }
}
