package io.kveik.bench;

import com.google.gson.JsonObject;
import io.kveik.bench.capacity.Capacity;
import io.kveik.bench.capacity.LatencyBounds;
import io.kveik.bench.capacity.Profile;
import io.kveik.bench.capacity.ResultFile;
import io.kveik.bench.capacity.ServerPoint;
import io.kveik.server.cli.Durations;
import io.kveik.server.cli.Terminal;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code ./kveik bench capacity}: how many servers a load takes. */
@Command(
    name = "capacity",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = {
      "Reckons how many servers a load takes, from the operating points of an earlier run.",
      "",
      "Servers = load / what one server reached at the point that is chosen among those that keep"
          + " every latency bound; nothing is interpolated between points."
    },
    footer = {
      "",
      "Profiles: low-latency is the most throughput at which the median read takes at most 1.15"
          + " times the least; balanced has the most throughput for its latency; throughput is the"
          + " least concurrency with 98%% of the most throughput. Without one: the most throughput"
          + " that keeps the bounds.",
      "",
      "Examples:",
      "  ./kveik bench sweep --json sweep.json",
      "  ./kveik bench capacity --from sweep.json --tokens-per-second 1M --read-p50 30ms",
      "  ./kveik bench capacity --from sweep.json --tokens-per-second 250K --profile balanced",
      "",
      "Exit code: 0, 1 when no point keeps the bounds, 2 for usage."
    })
final class CapacityCommand implements Callable<Integer> {
  @Spec private CommandSpec spec = CommandSpec.create();

  @Option(
      names = "--from",
      paramLabel = "FILE",
      required = true,
      description = "JSON of a run, as --json of ./kveik bench sweep, mixed or read writes it.")
  private Path file = Path.of("");

  @Option(
      names = "--tokens-per-second",
      paramLabel = "N",
      required = true,
      converter = Quantities.class,
      description = "The load: tokens read and written per second: 250K, 1M, 1.5M.")
  private double tokensPerSecond;

  @Option(
      names = "--read-p50",
      paramLabel = "TIME",
      converter = Durations.class,
      description = "The median read may take this long: 5ms, 1s.")
  private @Nullable Duration readP50;

  @Option(
      names = "--read-p99",
      paramLabel = "TIME",
      converter = Durations.class,
      description = "99%% of reads may take this long.")
  private @Nullable Duration readP99;

  @Option(
      names = "--lookup-p50",
      paramLabel = "TIME",
      converter = Durations.class,
      description = "The median lookup may take this long.")
  private @Nullable Duration lookupP50;

  @Option(
      names = "--lookup-p99",
      paramLabel = "TIME",
      converter = Durations.class,
      description = "99%% of lookups may take this long.")
  private @Nullable Duration lookupP99;

  @Option(
      names = "--profile",
      paramLabel = "NAME",
      converter = Keys.Profiles.class,
      description = "low-latency, balanced or throughput. Default: none.")
  private @Nullable Profile profile;

  @Mixin private ResultOptions result = new ResultOptions();

  @Override
  public Integer call() {
    try {
      result.check();
      return plan();
    } catch (IllegalArgumentException e) {
      return complain(ExitCode.USAGE, String.valueOf(e.getMessage()));
    } catch (IOException e) {
      return complain(ExitCode.USAGE, "can't read " + file + ": " + e);
    }
  }

  private int plan() throws IOException {
    List<ServerPoint> points = ResultFile.read(file);
    LatencyBounds bounds =
        new LatencyBounds(micros(readP50), micros(readP99), micros(lookupP50), micros(lookupP99));
    Optional<Capacity.Plan> plan =
        Capacity.plan(points, tokensPerSecond, bounds, Optional.ofNullable(profile));
    if (plan.isEmpty()) {
      return complain(
          ExitCode.SOFTWARE,
          "none of the %d operating points in %s keeps these bounds"
              .formatted(points.size(), file));
    }
    PrintWriter out = spec.commandLine().getOut();
    result.publish(text(plan.get()), json(plan.get()), out, spec.commandLine().getErr());
    return ExitCode.OK;
  }

  private String text(Capacity.Plan plan) {
    ServerPoint point = plan.point();
    return """
    servers        %,d
    each           C=%d: %,.1f K tokens/s, read p50 %.2f ms, p99 %.2f ms, lookup p50 %.2f ms, p99 %.2f ms
    load           %.0f %% of that
    """
        .formatted(
            plan.servers(),
            point.concurrency(),
            point.tokensPerSecond() / 1e3,
            point.readP50Micros() / 1e3,
            point.readP99Micros() / 1e3,
            point.lookupP50Micros() / 1e3,
            point.lookupP99Micros() / 1e3,
            100 * plan.load());
  }

  private JsonObject json(Capacity.Plan plan) {
    JsonObject json = new JsonObject();
    json.addProperty("servers", plan.servers());
    json.addProperty("concurrency", plan.point().concurrency());
    json.addProperty("tokensPerSecondPerServer", plan.point().tokensPerSecond());
    json.addProperty("readP50Micros", plan.point().readP50Micros());
    json.addProperty("readP99Micros", plan.point().readP99Micros());
    json.addProperty("lookupP50Micros", plan.point().lookupP50Micros());
    json.addProperty("lookupP99Micros", plan.point().lookupP99Micros());
    json.addProperty("load", plan.load());
    return json;
  }

  private static double micros(@Nullable Duration bound) {
    return bound == null ? Double.POSITIVE_INFINITY : bound.toNanos() / 1e3;
  }

  private int complain(int exitCode, String message) {
    PrintWriter err = spec.commandLine().getErr();
    err.println(spec.qualifiedName() + ": " + Terminal.safe(message));
    err.flush();
    return exitCode;
  }
}
