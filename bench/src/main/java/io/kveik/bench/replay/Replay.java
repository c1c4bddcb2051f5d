package io.kveik.bench.replay;

import io.kveik.bench.block.BlockChains;
import io.kveik.bench.report.Latencies;
import io.kveik.bench.report.Operation;
import io.kveik.bench.report.Progress;
import io.kveik.bench.run.StopSignal;
import io.kveik.bench.run.WorkerThreads;
import io.kveik.bench.trace.TraceIndex;
import io.kveik.bench.trace.TraceRequest;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;

/**
 * One replay of a trace against one server. Used once: make it, {@link #run} it, report it.
 *
 * <p>Each client is a thread with a connection of its own; it takes the next request of the trace,
 * works through it, and takes the next.
 */
public final class Replay {
  private final ReplayPlan plan;
  private final TraceIndex index;
  private final ReplayTotals totals = new ReplayTotals();
  private final Latencies latencies = new Latencies();

  /**
   * @param index of the plan's trace, as far as the plan goes
   */
  public Replay(ReplayPlan plan, TraceIndex index) {
    this.plan = plan;
    this.index = index;
  }

  /**
   * Replays until the trace or the patience ends.
   *
   * @param address of the server, "host:port"
   */
  public ReplayResult run(String address, StopSignal stop)
      throws IOException, InterruptedException {
    BlockChains blocks = BlockChains.ofTrie(index.trie());
    long startNanos = System.nanoTime();
    try (RequestFeed feed = RequestFeed.open(plan, stop, totals);
        Progress _ = Progress.start(this::state)) {
      Optional<Exception> failure =
          WorkerThreads.run(plan.clients(), stop, worker -> work(address, feed, blocks));
      Duration elapsed = Duration.ofNanos(System.nanoTime() - startNanos);
      return new ReplayResult(plan, index, totals, latencies, elapsed, failure);
    }
  }

  private void work(String address, RequestFeed feed, BlockChains blocks) throws Exception {
    try (ReplayStore store = plan.wire().connect(address, plan, totals, latencies)) {
      ReplayClient client = new ReplayClient(store, index, blocks, totals, latencies);
      for (TraceRequest request = feed.next(); request != null; request = feed.next()) {
        client.replay(request);
      }
    }
  }

  private Progress.State state() {
    long requests = totals.requests.sum();
    long accesses = totals.accesses.sum();
    return new Progress.State(
        accesses,
        index.accesses(),
        "%,d of %,d requests, %.1f %% hits, %,d blocks written, p99 lookup %.1f ms"
            .formatted(
                requests,
                index.requests(),
                accesses == 0 ? 0 : 100.0 * totals.hits.sum() / accesses,
                totals.blocksWritten.sum(),
                latencies.percentileMicros(Operation.LOOKUP, 99) / 1e3));
  }
}
