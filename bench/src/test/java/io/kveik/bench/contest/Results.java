package io.kveik.bench.contest;

import io.kveik.bench.block.PayloadKind;
import io.kveik.bench.endpoint.ProcessFigures;
import io.kveik.bench.endpoint.RunFigures;
import io.kveik.bench.load.Counts;
import io.kveik.bench.load.Measurement;
import io.kveik.bench.load.Mix;
import io.kveik.bench.load.Point;
import io.kveik.bench.load.Verification;
import io.kveik.bench.load.Workload;
import io.kveik.bench.peer.Contender.Role;
import io.kveik.bench.report.HeatMap;
import io.kveik.bench.report.Latencies;
import io.kveik.bench.report.Operation;
import io.kveik.client.AckLevel;
import io.kveik.client.BlockScope;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/** Makes results with known figures: reads of 10^6 bytes at concurrencies of 1 and 4. */
public final class Results {
  private static final int BLOCK_BYTES = 1_000_000;

  private Results() {}

  /**
   * Kveik does 1,000 reads a second at C=1 and 4,000 at C=4, redis half and memcpy ten times as
   * many. Kveik's p50 are 2 ms and 8 ms.
   */
  public static BenchResult reads() {
    return new BenchResult(
        plan(),
        Instant.EPOCH,
        new Machine(2, "a </script><b>", 1L << 34, "Linux", "25"),
        List.of(
            store("kveik", Role.SUBJECT, 1_000, 2),
            store("redis", Role.PEER, 500, 4),
            store("memcpy", Role.LIMIT, 10_000, 1)),
        true,
        Optional.empty(),
        new ProcessFigures(Duration.ZERO, 0, 0));
  }

  private static BenchPlan plan() {
    return new BenchPlan(
        "read",
        workload(),
        new BlockScope("r", "c", "p"),
        AckLevel.UNSPECIFIED,
        List.of(new Point(1, 0), new Point(4, 0)),
        3,
        new Warmup(1, false),
        1,
        1);
  }

  private static Workload workload() {
    return new Workload(
        Mix.READ, false, BLOCK_BYTES, 8, 4, PayloadKind.RANDOM, Verification.SAMPLE, 0);
  }

  private static StoreFigures store(String name, Role role, int readsPerSecond, int p50Millis) {
    return new StoreFigures(
        name,
        role,
        "a store </script>",
        List.of(
            point(new Point(1, 0), readsPerSecond, p50Millis),
            point(new Point(4, 0), 4 * readsPerSecond, 4 * p50Millis)));
  }

  /** Three rounds, of which the first is slow and the last fast: the second is the median. */
  private static OperatingPoint point(Point point, int readsPerSecond, int p50Millis) {
    return Samples.combine(
        workload(),
        point,
        List.of(
            sample(readsPerSecond / 2, 2 * p50Millis, 300),
            sample(readsPerSecond, p50Millis, 200),
            sample(readsPerSecond * 3 / 2, p50Millis, 100)));
  }

  private static Sample sample(int reads, int millis, int cpuMillis) {
    Latencies latencies = new Latencies();
    HeatMap heat = new HeatMap(1);
    for (int i = 0; i < reads; i++) {
      latencies.record(Operation.READ_BLOCK, Duration.ofMillis(millis).toNanos());
      heat.record(Operation.READ_BLOCK, i * 1_000_000L, Duration.ofMillis(millis).toNanos());
    }
    Counts counts = new Counts(0, reads, 0, reads, 0, 0, 0, 0, 0, 1, 0, 0);
    ProcessFigures server = new ProcessFigures(Duration.ZERO, 1 << 20, 1 << 20);
    return new Sample(
        new Measurement(latencies, heat, counts, 1_000_000_000, 0),
        new RunFigures(Optional.of(server), Duration.ofMillis(cpuMillis), server));
  }
}
