package io.kveik.bench.load;

import io.kveik.bench.endpoint.ProcessFigures;
import io.kveik.bench.endpoint.RunFigures;
import io.kveik.bench.endpoint.Target;
import io.kveik.bench.report.Latencies;
import io.kveik.bench.report.Operation;
import io.kveik.bench.report.Progress;
import io.kveik.bench.run.StopSignal;
import io.kveik.bench.run.WorkerThreads;
import io.kveik.client.ClientOptions;
import io.kveik.client.KveikClient;
import java.lang.foreign.Arena;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;

/**
 * One load run: writes the working set, warms up, then measures. Used once.
 *
 * <p>What counts is every call that began in the measured time; the time ends with the last of
 * them, so that slow calls are not left out.
 */
public final class Load {
  private static final Duration DEADLINE = Duration.ofSeconds(60);

  private final LoadPlan plan;
  private final WorkingSet blocks;
  private final LoadTotals totals = new LoadTotals();
  private final Latencies latencies = new Latencies();
  private volatile String phase = "writing the working set";
  private volatile long phaseStartNanos;

  /** Plans a run; computes the working set's labels. */
  public Load(LoadPlan plan) {
    this.plan = plan;
    this.blocks = new WorkingSet(plan);
  }

  /** Runs. */
  public LoadResult run(Target target, StopSignal stop) throws InterruptedException {
    List<LoadClient> clients = new ArrayList<>();
    try (Arena arena = Arena.ofShared()) {
      try (Progress _ = Progress.start(this::state)) {
        connect(target.address(), arena, clients);
        return run(target, clients, stop);
      } finally {
        clients.forEach(LoadClient::close);
      }
    }
  }

  private LoadResult run(Target target, List<LoadClient> clients, StopSignal stop)
      throws InterruptedException {
    Optional<Exception> failure = Optional.empty();
    if (plan.mix().needsWorkingSet()) {
      failure = WorkerThreads.run(clients.size(), stop, worker -> clients.get(worker).store(stop));
    }
    if (failure.isEmpty()) {
      failure = load("warming up", plan.warmupSeconds(), clients, stop);
    }
    latencies.reset();
    totals.startOver();
    Optional<ProcessFigures> before = target.figures();
    long startNanos = System.nanoTime();
    if (failure.isEmpty()) {
      failure = load("measuring", plan.seconds(), clients, stop);
    }
    Duration elapsed = Duration.ofNanos(System.nanoTime() - startNanos);
    boolean complete = failure.isEmpty() && elapsed.toSeconds() >= plan.seconds();
    return new LoadResult(
        plan, totals, latencies, elapsed, complete, failure, RunFigures.since(before, target));
  }

  private Optional<Exception> load(
      String name, int seconds, List<LoadClient> clients, StopSignal stop)
      throws InterruptedException {
    phaseStartNanos = System.nanoTime();
    phase = name;
    long endNanos = phaseStartNanos + TimeUnit.SECONDS.toNanos(seconds);
    return WorkerThreads.run(
        clients.size(), stop, worker -> clients.get(worker).load(endNanos, stop));
  }

  /** New blocks have numbers that no other run has, so that a partition may serve again. */
  private void connect(String address, Arena arena, List<LoadClient> clients) {
    long run = ThreadLocalRandom.current().nextLong();
    for (int i = 0; i < plan.concurrency(); i++) {
      clients.add(
          new LoadClient(
              KveikClient.connect(options(address)),
              plan,
              blocks,
              totals,
              latencies,
              i,
              run + ((long) i << 40),
              arena.allocate(plan.blockBytes(), Long.BYTES),
              arena.allocate(plan.blockBytes(), Long.BYTES)));
    }
  }

  /** Tries once, since errors are to be seen; checks payloads against what was written itself. */
  private static ClientOptions options(String address) {
    return ClientOptions.builder(address)
        .lookupDeadline(DEADLINE)
        .readDeadline(DEADLINE)
        .readAllDeadline(DEADLINE)
        .writeDeadline(DEADLINE)
        .maxAttempts(1)
        .verifyChecksums(false)
        .build();
  }

  private Progress.State state() {
    int total = plan.warmupSeconds() + plan.seconds();
    if (phaseStartNanos == 0) {
      return new Progress.State(
          0,
          total,
          "%s, %,d of %,d blocks".formatted(phase, blocks.stored(), plan.workingBlocks()));
    }
    boolean measuring = phase.equals("measuring");
    double seconds = (System.nanoTime() - phaseStartNanos) / 1e9;
    long moved = totals.blocksRead.sum() + totals.blocksWritten.sum();
    return new Progress.State(
        Math.min(total, (measuring ? plan.warmupSeconds() : 0) + seconds),
        total,
        "%s, %,.0f blocks/s, %.2f GB/s, %,.0f lookups/s, %,d errors"
            .formatted(
                phase,
                moved / seconds,
                moved * (double) plan.blockBytes() / 1e9 / seconds,
                latencies.count(Operation.LOOKUP) / seconds,
                totals.errors()));
  }
}
