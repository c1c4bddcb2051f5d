package io.kveik.server.runtime;

import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/**
 * Runs short tasks later. Tasks run on one timer thread: they complete a future or hand work to
 * {@link Workers}, and never block.
 */
public interface Scheduler extends AutoCloseable {
  /** A task that has not run yet. */
  @FunctionalInterface
  interface Timer {
    /** No effect once the task has started. */
    void cancel();
  }

  Timer after(long delayMillis, Runnable task);

  /** The first run comes after one period; a run that throws ends the series. */
  Timer every(long periodMillis, Runnable task);

  /** Tasks that have not run by then never will. */
  @Override
  void close();

  /** The real thing, on one daemon thread. */
  static Scheduler system(String threadName) {
    ScheduledThreadPoolExecutor pool =
        new ScheduledThreadPoolExecutor(1, Thread.ofPlatform().daemon().name(threadName).factory());
    // Now, since a background thread may be the first that schedules something.
    ThreadStarter.run(pool::prestartCoreThread);
    pool.setRemoveOnCancelPolicy(true);
    pool.setExecuteExistingDelayedTasksAfterShutdownPolicy(false);
    return new Scheduler() {
      @Override
      public Timer after(long delayMillis, Runnable task) {
        var handle = pool.schedule(task, delayMillis, TimeUnit.MILLISECONDS);
        return () -> handle.cancel(false);
      }

      @Override
      public Timer every(long periodMillis, Runnable task) {
        var handle =
            pool.scheduleAtFixedRate(task, periodMillis, periodMillis, TimeUnit.MILLISECONDS);
        return () -> handle.cancel(false);
      }

      @Override
      public void close() {
        pool.shutdownNow();
      }
    };
  }
}
