package io.kveik.bench.replay;

import io.kveik.bench.report.Latencies;
import io.kveik.bench.report.Operation;
import io.kveik.bench.trace.TraceIndex;
import java.time.Duration;
import java.util.Optional;

/** What came of a replay. */
public final class ReplayResult {
  private final ReplayPlan plan;
  private final TraceIndex index;
  private final ReplayTotals totals;
  private final Latencies latencies;
  private final Duration elapsed;
  private final Optional<Exception> failure;

  ReplayResult(
      ReplayPlan plan,
      TraceIndex index,
      ReplayTotals totals,
      Latencies latencies,
      Duration elapsed,
      Optional<Exception> failure) {
    this.plan = plan;
    this.index = index;
    this.totals = totals;
    this.latencies = latencies;
    this.elapsed = elapsed;
    this.failure = failure;
  }

  /** How it was run. */
  public ReplayPlan plan() {
    return plan;
  }

  /** What the trace has. */
  public TraceIndex index() {
    return index;
  }

  /** How long it took. */
  public Duration elapsed() {
    return elapsed;
  }

  /** How long operations took. */
  public Latencies latencies() {
    return latencies;
  }

  /** What ended it before the trace did, unless it was asked to end. */
  public Optional<Exception> failure() {
    return failure;
  }

  /** Whether every request was replayed. */
  public boolean isComplete() {
    return totals.requests.sum() == index.requests();
  }

  /** Whether every byte was right and nothing failed. */
  public boolean isGood() {
    return failure.isEmpty() && !totals.anyWrong();
  }

  ReplayTotals totals() {
    return totals;
  }

  double blockHitRatio() {
    return ratio(totals.hits.sum(), totals.accesses.sum());
  }

  double requestHitRatio() {
    return ratio(totals.requestsHit.sum(), totals.requests.sum());
  }

  double requestsPerSecond() {
    return totals.requests.sum() / seconds();
  }

  double readGigabytesPerSecond() {
    return totals.blocksRead.sum() * (double) plan.blockBytes() / 1e9 / seconds();
  }

  double writeGigabytesPerSecond() {
    return totals.blocksWritten.sum() * (double) plan.blockBytes() / 1e9 / seconds();
  }

  double blocksPerSecond() {
    return (latencies.count(Operation.READ_BLOCK) + latencies.count(Operation.WRITE)) / seconds();
  }

  double seconds() {
    return Math.max(1, elapsed.toNanos()) / 1e9;
  }

  private static double ratio(long part, long whole) {
    return whole == 0 ? 0 : (double) part / whole;
  }
}
