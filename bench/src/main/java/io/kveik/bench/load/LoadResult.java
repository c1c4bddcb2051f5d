package io.kveik.bench.load;

import io.kveik.bench.endpoint.RunFigures;
import io.kveik.bench.report.Latencies;
import io.kveik.bench.report.Operation;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** What came of a load run. */
public final class LoadResult {
  private final LoadPlan plan;
  private final LoadTotals totals;
  private final Latencies latencies;
  private final Duration elapsed;
  private final boolean complete;
  private final Optional<Exception> failure;
  private final RunFigures figures;

  /**
   * One operation's part.
   *
   * @param operation which
   * @param count of those that succeeded
   * @param perSecond of them
   * @param gigabytesPerSecond payload that they moved, in 10^9 bytes
   * @param errors of those that were refused or came too late
   */
  record Part(
      Operation operation, long count, double perSecond, double gigabytesPerSecond, long errors) {}

  LoadResult(
      LoadPlan plan,
      LoadTotals totals,
      Latencies latencies,
      Duration elapsed,
      boolean complete,
      Optional<Exception> failure,
      RunFigures figures) {
    this.plan = plan;
    this.totals = totals;
    this.latencies = latencies;
    this.elapsed = elapsed;
    this.complete = complete;
    this.failure = failure;
    this.figures = figures;
  }

  /** Whether it did what it was to do: nothing wrong, no failure, and something done at all. */
  public boolean isGood() {
    return failure.isEmpty()
        && totals.wrongBlocks.sum() == 0
        && (!complete || parts().stream().anyMatch(part -> part.count() > 0));
  }

  /** The parts of the operations that the mix has. */
  List<Part> parts() {
    List<Part> parts = new ArrayList<>();
    List<Mix.Step> steps = plan.mix().steps();
    if (steps.contains(Mix.Step.LOOKUP)) {
      parts.add(part(Operation.LOOKUP, 0, totals.failedLookups.sum()));
    }
    if (steps.contains(Mix.Step.READ)) {
      parts.add(part(readOperation(), totals.blocksRead.sum(), totals.failedReads.sum()));
    }
    if (steps.contains(Mix.Step.WRITE)) {
      parts.add(part(Operation.WRITE, totals.blocksWritten.sum(), totals.failedWrites.sum()));
    }
    return parts;
  }

  double operationsPerSecond() {
    return parts().stream().mapToDouble(Part::perSecond).sum();
  }

  double gigabytesPerSecond() {
    return gigabytes() / seconds();
  }

  /** CPU time of the server for each 10^9 bytes of payload; empty where either is not known. */
  Optional<Double> serverCpuSecondsPerGigabyte() {
    return figures.server().isEmpty() || gigabytes() == 0
        ? Optional.empty()
        : Optional.of(figures.serverCpuTime().toNanos() / 1e9 / gigabytes());
  }

  double seconds() {
    return Math.max(1, elapsed.toNanos()) / 1e9;
  }

  LoadPlan plan() {
    return plan;
  }

  LoadTotals totals() {
    return totals;
  }

  Latencies latencies() {
    return latencies;
  }

  boolean isComplete() {
    return complete;
  }

  Optional<Exception> failure() {
    return failure;
  }

  RunFigures figures() {
    return figures;
  }

  private Operation readOperation() {
    return plan.streaming() ? Operation.READ_STREAM : Operation.READ_BLOCK;
  }

  private Part part(Operation operation, long blocks, long errors) {
    long count = latencies.count(operation);
    return new Part(operation, count, count / seconds(), gigabytes(blocks) / seconds(), errors);
  }

  private double gigabytes() {
    return gigabytes(totals.blocksRead.sum() + totals.blocksWritten.sum());
  }

  private double gigabytes(long blocks) {
    return blocks * (double) plan.blockBytes() / 1e9;
  }
}
