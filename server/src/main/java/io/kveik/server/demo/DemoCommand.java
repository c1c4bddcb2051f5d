package io.kveik.server.demo;

import io.kveik.client.KveikException;
import io.kveik.server.process.ServerStartException;
import io.kveik.server.runtime.Clock;
import io.kveik.server.telemetry.Logging;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;
import picocli.CommandLine.TypeConversionException;

/**
 * {@code ./kveik demo}: the main job in well under two minutes. Exit code 0 when no byte was wrong,
 * no tenant saw another's blocks, and all that was acknowledged at {@code shared} survived kill -9.
 */
@Command(
    name = "demo",
    description = {
      "Three tenants talk to a model, Kveik keeps their KV cache, and its server is killed half-way.",
      "Starts a server of its own, checks every byte that comes back, and cleans up after itself."
    },
    sortOptions = false,
    footer = {
      "",
      "Exit code: 0 all promises kept, 1 one was broken or the demo failed, 2 wrong usage.",
      "Examples:",
      "  ./kveik demo",
      "  ./kveik demo --turns 3 --json -",
      "  ./kveik demo --model-params 70B --gpu-tflops 1979 --utilisation 0.5",
      "  ./kveik demo --data-dir ./kveik-data     (keeps it: a second run starts warm)"
    })
public final class DemoCommand implements Callable<Integer> {
  private static final String STANDARD_OUTPUT = "-";
  private static final int INTERRUPTED = 130;

  @Option(
      names = "--turns",
      paramLabel = "N",
      description = "Turns of each conversation, 2 to 7. Default: 7",
      defaultValue = "7")
  private int turns;

  @Option(
      names = "--block-bytes",
      paramLabel = "BYTES",
      description = "KV payload of a block of 128 tokens. Default: 1228800, as the original states",
      defaultValue = "1228800")
  private int blockBytes;

  @Option(
      names = "--data-dir",
      paramLabel = "DIR",
      description = "Where the server keeps its blocks; kept. Default: a directory that is deleted")
  private @Nullable Path dataDirectory;

  @Option(
      names = "--model-params",
      paramLabel = "COUNT",
      description = "Parameters of the assumed model, such as 8B, 70B or 8e9. Default: 8B",
      defaultValue = "8B",
      converter = Parameters.class)
  private double modelParameters;

  @Option(
      names = "--gpu-tflops",
      paramLabel = "TFLOPS",
      description = "Dense bf16 peak of the assumed GPU. Default: 989",
      defaultValue = "989")
  private double gpuTflops;

  @Option(
      names = "--utilisation",
      paramLabel = "RATIO",
      description = "Part of that peak that prefill reaches. Default: 0.4",
      defaultValue = "0.4")
  private double utilisation;

  @Option(
      names = "--json",
      paramLabel = "FILE",
      description = "Write the result as JSON too; -: to standard output, the rest to stderr")
  private @Nullable String json;

  @Spec private CommandSpec spec;

  @SuppressWarnings("NullAway.Init") // picocli sets spec before it calls
  public DemoCommand() {}

  @Override
  public Integer call() throws IOException {
    Logging.configure("error", false);
    List<DemoRun.Script> scripts = DemoRun.scripts();
    DemoOptions options = options(scripts);
    boolean jsonOnly = STANDARD_OUTPUT.equals(json);
    CommandLine line = spec.commandLine();
    PrintWriter out = jsonOnly ? line.getErr() : line.getOut();
    Style style = Style.ofStandardOutput();
    if (jsonOnly) {
      style = Style.plain(style.unicode());
    }
    long blocks = scripts.stream().mapToLong(one -> one.blocks(options.turns())).sum();
    DemoServer server = DemoServer.in(options.dataDirectory(), blocks * options.blockBytes());
    AtomicBoolean stopping = new AtomicBoolean();
    Thread cleanUp =
        new Thread(
            () -> {
              stopping.set(true);
              server.close();
            },
            "demo-clean-up");
    Runtime.getRuntime().addShutdownHook(cleanUp);
    try (server) {
      Progress progress = new Progress(out, style);
      introduce(out, style, options);
      DemoResult result = new DemoRun(options, progress, Clock.system()).run(scripts, server);
      progress.done();
      TextReport.print(result, out, style);
      if (json != null) {
        writeJson(json, JsonReport.of(result));
      }
      return result.passed() ? CommandLine.ExitCode.OK : CommandLine.ExitCode.SOFTWARE;
    } catch (ServerStartException e) {
      if (stopping.get()) {
        return INTERRUPTED;
      }
      e.output().forEach(said -> line.getErr().println("server: " + said));
      throw e;
    } catch (KveikException | IllegalStateException | UncheckedIOException e) {
      if (stopping.get()) {
        return INTERRUPTED;
      }
      throw e;
    } finally {
      removeHook(cleanUp);
    }
  }

  private static void introduce(PrintWriter out, Style style, DemoOptions options) {
    out.println();
    out.println(
        "  "
            + style.strong("Kveik")
            + "  keeps the KV cache of a language model and uses it again");
    out.println(
        style.faint(
            String.format(
                Locale.ROOT,
                "  3 tenants, %d turns each; blocks of %,d bytes; kill -9 after turn %d",
                options.turns(),
                options.blockBytes(),
                options.turnsBeforeKill())));
    out.println();
    out.flush();
  }

  private DemoOptions options(List<DemoRun.Script> scripts) {
    int longest =
        scripts.stream().mapToInt(one -> one.conversation().turns().size()).min().orElseThrow();
    try {
      DemoOptions.check("turns", turns, DemoOptions.MIN_TURNS, longest);
      return new DemoOptions(
          turns,
          blockBytes,
          dataDirectory,
          new PrefillEstimate(modelParameters, gpuTflops, utilisation));
    } catch (IllegalArgumentException e) {
      throw new ParameterException(spec.commandLine(), String.valueOf(e.getMessage()), e);
    }
  }

  private void writeJson(String file, String text) throws IOException {
    if (file.equals(STANDARD_OUTPUT)) {
      spec.commandLine().getOut().print(text);
      spec.commandLine().getOut().flush();
    } else {
      Files.writeString(Path.of(file), text);
    }
  }

  private static void removeHook(Thread hook) {
    try {
      Runtime.getRuntime().removeShutdownHook(hook);
    } catch (IllegalStateException e) {
      // The JVM is going down and runs the hook.
    }
  }

  /** 8B, 500M, 8e9. */
  static final class Parameters implements ITypeConverter<Double> {
    @Override
    public Double convert(String text) {
      String upper = text.toUpperCase(Locale.ROOT);
      double unit = upper.endsWith("B") ? 1e9 : upper.endsWith("M") ? 1e6 : 1;
      String digits = unit == 1 ? upper : upper.substring(0, upper.length() - 1);
      try {
        return Double.parseDouble(digits) * unit;
      } catch (NumberFormatException e) {
        throw new TypeConversionException("'" + text + "' is no number such as 8B or 8e9");
      }
    }
  }
}
