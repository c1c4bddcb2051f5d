package io.kveik.client.data;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * Runs the parts of one call side by side: the first on the calling thread, the others on threads
 * that are kept for a while. Where there are no more threads to be had, the caller runs those too.
 */
final class Stripes implements AutoCloseable {
  private static final int KEEP_SECONDS = 30;

  private final ThreadPoolExecutor pool;

  Stripes(int threads) {
    AtomicInteger number = new AtomicInteger();
    this.pool =
        new ThreadPoolExecutor(
            0,
            threads,
            KEEP_SECONDS,
            TimeUnit.SECONDS,
            new SynchronousQueue<>(),
            task ->
                Thread.ofPlatform()
                    .daemon()
                    .name("kveik-data-stripe-" + number.incrementAndGet())
                    .unstarted(task),
            new ThreadPoolExecutor.CallerRunsPolicy());
  }

  /** What is done with a part. */
  @FunctionalInterface
  interface Step<T> {
    void run(T part) throws TransportException;
  }

  /**
   * Runs the step on all parts; when this returns or throws none is running any more.
   *
   * @throws TransportException of one of those that failed
   */
  <T> void run(List<T> parts, Step<T> step) throws TransportException {
    List<CompletableFuture<@Nullable TransportException>> others =
        new ArrayList<>(parts.size() - 1);
    for (T part : parts.subList(1, parts.size())) {
      others.add(CompletableFuture.supplyAsync(() -> attempt(part, step), pool));
    }
    TransportException failure = attempt(parts.getFirst(), step);
    for (CompletableFuture<@Nullable TransportException> other : others) {
      // Ends in time: every part keeps to the call's deadline.
      TransportException ofOther = join(other);
      failure = failure == null ? ofOther : failure;
    }
    if (failure != null) {
      throw failure;
    }
  }

  private static <T> @Nullable TransportException attempt(T part, Step<T> step) {
    try {
      step.run(part);
      return null;
    } catch (TransportException e) {
      return e;
    }
  }

  private static @Nullable TransportException join(
      CompletableFuture<@Nullable TransportException> part) {
    try {
      return part.join();
    } catch (CancellationException e) {
      return new TransportException(TransportException.Code.CLOSED, "the transport is closed", e);
    }
  }

  @Override
  public void close() {
    pool.shutdown();
  }
}
