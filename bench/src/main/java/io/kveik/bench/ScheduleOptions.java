package io.kveik.bench;

import io.kveik.bench.contest.BenchPlan;
import io.kveik.bench.contest.Warmup;
import io.kveik.bench.load.Point;
import io.kveik.bench.load.Workload;
import io.kveik.client.AckLevel;
import io.kveik.client.BlockScope;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** How much load, for how long, how often. */
final class ScheduleOptions {
  private static final int COMPARED_ROUNDS = 5;

  @Option(
      names = "--concurrency",
      paramLabel = "N",
      split = ",",
      description =
          "Clients, each a thread with a connection of its own; several values are measured one"
              + " after the other. Default: 4; sweep: 1,2,4,6,8,16,32,64,80.")
  private List<Integer> concurrency = new ArrayList<>();

  @Option(
      names = "--processes",
      paramLabel = "N",
      defaultValue = "1",
      description =
          "Client processes that the clients are dealt out to, started for the run; 1 is this one."
              + " Default: ${DEFAULT-VALUE}.")
  private int processes;

  @Option(
      names = "--rate",
      paramLabel = "CALLS/S",
      description =
          "Open loop: calls start at this rate, over all clients, whatever becomes of them, and"
              + " latency counts from when a call was due. Default: closed loop, each client calls"
              + " as fast as it goes.")
  private double rate;

  @Option(
      names = "--seconds",
      paramLabel = "N",
      description = "How long to measure, per store, concurrency and round. Default: 10; sweep: 5.")
  private @Nullable Integer seconds;

  @Option(
      names = "--warmup",
      paramLabel = "N",
      defaultValue = Warmup.AUTO,
      description =
          "Seconds of the same load before a store is measured for the first time; before any later"
              + " time it is 1 at most. auto: until its rate rises no more, 60 s at most; a young"
              + " JVM takes half a minute and longer. Default: ${DEFAULT-VALUE}.")
  private String warmup = Warmup.AUTO;

  @Option(
      names = "--rounds",
      paramLabel = "N",
      description =
          "How often to measure everything, in turn; figures are medians. Default: "
              + COMPARED_ROUNDS
              + " where something is compared, else 1.")
  private @Nullable Integer rounds;

  /**
   * What a command has where the user gave nothing.
   *
   * @param name of the command
   * @param concurrency values
   * @param seconds of a measurement
   */
  record Defaults(String name, List<Integer> concurrency, int seconds) {}

  /**
   * The plan.
   *
   * @param compared whether there is another contender
   * @throws IllegalArgumentException when it is out of bounds
   */
  BenchPlan plan(
      Defaults defaults, Workload workload, BlockScope scope, AckLevel ack, boolean compared) {
    List<Integer> clients = concurrency.isEmpty() ? defaults.concurrency() : concurrency;
    return new BenchPlan(
        defaults.name(),
        workload,
        scope,
        ack,
        clients.stream().distinct().map(c -> new Point(c, rate)).toList(),
        rounds != null ? rounds : compared ? COMPARED_ROUNDS : 1,
        Warmup.parse(warmup),
        seconds != null ? seconds : defaults.seconds(),
        processes);
  }
}
