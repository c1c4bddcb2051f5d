package io.kveik.bench.replay;

import io.kveik.bench.run.StopSignal;
import io.kveik.bench.trace.TraceException;
import io.kveik.bench.trace.TraceReader;
import io.kveik.bench.trace.TraceRequest;
import java.io.IOException;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Hands the requests of a trace out in their order, each once and, where a speed is given, not
 * before its time. Thread-safe.
 */
final class RequestFeed implements AutoCloseable {
  private final TraceReader reader;
  private final StopSignal stop;
  private final double speed;
  private final ReplayTotals totals;
  private final long startNanos = System.nanoTime();
  private long left;

  private RequestFeed(TraceReader reader, ReplayPlan plan, StopSignal stop, ReplayTotals totals) {
    this.reader = reader;
    this.stop = stop;
    this.speed = plan.speed();
    this.left = plan.maxRequests();
    this.totals = totals;
  }

  /** Starts the clock. */
  static RequestFeed open(ReplayPlan plan, StopSignal stop, ReplayTotals totals)
      throws IOException {
    return new RequestFeed(TraceReader.open(plan.trace()), plan, stop, totals);
  }

  /** The next request, once its time has come; null after the last and after the stop signal. */
  @Nullable TraceRequest next() throws TraceException, InterruptedException {
    TraceRequest request = take();
    return request == null || !awaitDue(request) ? null : request;
  }

  @Override
  public void close() throws IOException {
    reader.close();
  }

  private synchronized @Nullable TraceRequest take() throws TraceException {
    if (left == 0 || stop.isRequested()) {
      return null;
    }
    left--;
    return reader.next();
  }

  private boolean awaitDue(TraceRequest request) throws InterruptedException {
    if (speed == 0) {
      return true;
    }
    long dueNanos = (long) (request.timestampMillis() * 1e6 / speed);
    long lateNanos = System.nanoTime() - startNanos - dueNanos;
    totals.maxLateNanos.accumulate(lateNanos);
    if (lateNanos >= 0) {
      return true;
    }
    // Rounded up: a request is never early.
    return !stop.awaitRequest(1 + TimeUnit.NANOSECONDS.toMillis(-lateNanos));
  }
}
