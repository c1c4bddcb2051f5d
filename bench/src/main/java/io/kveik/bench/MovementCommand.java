package io.kveik.bench;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import io.kveik.bench.movement.Background;
import io.kveik.bench.movement.DiskTier;
import io.kveik.bench.movement.MovementPlan;
import io.kveik.bench.movement.MovementRun;
import io.kveik.bench.movement.Turn;
import io.kveik.bench.report.Style;
import io.kveik.bench.report.Table;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.function.ToDoubleFunction;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code ./kveik bench movement}: what writing behind costs reads of cold blocks. */
@Command(
    name = "movement",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = {
      "Reads blocks that only a disk has, in an engine of this process: alone, beside a write-behind"
          + " queue that is kept full and gives way to reads, and beside one that takes no notice of"
          + " them. Turns are interleaved; figures are medians of the rounds."
    },
    footer = {"", "Example: ./kveik bench movement --tier nvme --rounds 5 --data-dir /mnt/nvme"})
final class MovementCommand implements Callable<Integer> {
  private static final double BYTES_PER_MB = 1e6;

  @Spec private CommandSpec spec = CommandSpec.create();

  @Option(
      names = "--data-dir",
      paramLabel = "DIR",
      description = "Where the blocks lie for the run. Default: ${DEFAULT-VALUE}")
  private Path directory = Path.of(System.getProperty("java.io.tmpdir"));

  @Option(
      names = "--tier",
      paramLabel = "TIER",
      description = "The tier below memory, fs or nvme. Default: fs",
      converter = Keys.DiskTiers.class)
  private DiskTier tier = DiskTier.FS;

  @Option(names = "--blocks", description = "Blocks to read from. Default: ${DEFAULT-VALUE}")
  private int blocks = 256;

  @Option(names = "--block-bytes", description = "Payload of each. Default: ${DEFAULT-VALUE}")
  private int blockBytes = 1_258_291;

  @Option(names = "--concurrency", description = "Readers. Default: ${DEFAULT-VALUE}")
  private int readers = 1;

  @Option(names = "--seconds", description = "Of each turn. Default: ${DEFAULT-VALUE}")
  private int seconds = 5;

  @Option(names = "--rounds", description = "Turns of each kind. Default: ${DEFAULT-VALUE}")
  private int rounds = 3;

  @Option(
      names = "--pause-millis",
      description = "behind.pause-millis of the polite one. Default: ${DEFAULT-VALUE}")
  private long pauseMillis = 5;

  @Option(names = "--seed", description = "Of what is read. Default: ${DEFAULT-VALUE}")
  private long seed = 1;

  @Option(names = "--json", description = "Print one JSON document.")
  private boolean json;

  @Override
  public Integer call() throws IOException {
    MovementPlan plan;
    try {
      plan =
          new MovementPlan(
              directory, tier, blocks, blockBytes, readers, seconds, rounds, pauseMillis, seed);
    } catch (IllegalArgumentException e) {
      throw new ParameterException(spec.commandLine(), String.valueOf(e.getMessage()), e);
    }
    PrintWriter err = spec.commandLine().getErr();
    List<Turn> turns =
        new MovementRun(plan)
            .run(turn -> {
              err.printf(
                  "%s: read p99 %.0f us, %.0f MB/s written%n",
                  name(turn.background()),
                  turn.readMicros(99),
                  turn.writtenBytesPerSecond() / BYTES_PER_MB);
              err.flush();
            });
    PrintWriter out = spec.commandLine().getOut();
    out.print(json ? document(turns) + "\n" : table(turns));
    out.flush();
    return ExitCode.OK;
  }

  private static String table(List<Turn> turns) {
    Table table =
        new Table(
            List.of("write-behind", "reads/s", "p50 us", "p99 us", "p99 ratio", "MB/s written"));
    double alone = median(turns, Background.NONE, turn -> turn.readMicros(99));
    for (Background background : Background.values()) {
      double p99 = median(turns, background, turn -> turn.readMicros(99));
      table.row(
          name(background),
          "%.0f".formatted(median(turns, background, Turn::readsPerSecond)),
          "%.0f".formatted(median(turns, background, turn -> turn.readMicros(50))),
          "%.0f".formatted(p99),
          "%.2f".formatted(p99 / alone),
          "%.0f".formatted(median(turns, background, Turn::writtenBytesPerSecond) / BYTES_PER_MB));
    }
    return table.render(Style.ofStandardOutput());
  }

  private static JsonObject document(List<Turn> turns) {
    JsonArray rows = new JsonArray();
    for (Turn turn : turns) {
      JsonObject row = new JsonObject();
      row.addProperty("background", name(turn.background()));
      row.addProperty("readP50Micros", turn.readMicros(50));
      row.addProperty("readP99Micros", turn.readMicros(99));
      row.addProperty("readsPerSecond", turn.readsPerSecond());
      row.addProperty("writtenBytesPerSecond", turn.writtenBytesPerSecond());
      rows.add(row);
    }
    JsonObject document = new JsonObject();
    document.add("turns", rows);
    return document;
  }

  private static double median(
      List<Turn> turns, Background background, ToDoubleFunction<Turn> figure) {
    double[] sorted =
        turns.stream()
            .filter(turn -> turn.background() == background)
            .mapToDouble(figure)
            .sorted()
            .toArray();
    int middle = sorted.length / 2;
    return sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
  }

  private static String name(Background background) {
    return background.name().toLowerCase(Locale.ROOT);
  }
}
