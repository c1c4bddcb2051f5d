package io.kveik.bench.run;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/** Runs the same work on several threads; the first that fails ends all. */
public final class WorkerThreads {
  /**
   * When Ctrl-C ends a server of ours too, its end may be seen before the signal is. A failure
   * waits this long for the signal before it counts.
   */
  private static final long SIGNAL_MILLIS = 500;

  /** What one thread does. It ends soon after the stop signal. */
  @FunctionalInterface
  public interface Work {
    /**
     * Does it.
     *
     * @param worker number of the thread, from 0
     */
    void run(int worker) throws Exception;
  }

  private WorkerThreads() {}

  /**
   * Runs and waits for all.
   *
   * @return the first failure, unless the run had been asked to end before it
   */
  public static Optional<Exception> run(int count, StopSignal stop, Work work)
      throws InterruptedException {
    AtomicReference<@Nullable Exception> failure = new AtomicReference<>();
    List<Thread> threads = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      int worker = i;
      threads.add(
          Thread.ofPlatform()
              .name("worker-" + worker)
              .start(() -> {
                try {
                  work.run(worker);
                } catch (Exception e) {
                  fail(e, failure, stop);
                }
              }));
    }
    for (Thread thread : threads) {
      thread.join();
    }
    return Optional.ofNullable(failure.get());
  }

  private static void fail(
      Exception e, AtomicReference<@Nullable Exception> failure, StopSignal stop) {
    try {
      if (!stop.awaitRequest(SIGNAL_MILLIS)) {
        failure.compareAndSet(null, e);
        stop.request();
      }
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
