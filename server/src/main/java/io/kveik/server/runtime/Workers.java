package io.kveik.server.runtime;

import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;

/**
 * A named pool of platform threads with a bounded queue: for work that may block on storage. Work
 * that does not fit is refused by {@link #tryExecute}, never queued without limit and never run by
 * the caller, who may be an event loop.
 */
public final class Workers implements AutoCloseable, Executor {
  private static final long STOP_TIMEOUT_SECONDS = 10;

  static {
    // All background threads come from here.
    ThreadStarter.ready();
  }

  private final String name;
  private final int queueLimit;
  private final ThreadPoolExecutor pool;
  private final LongAdder refused = new LongAdder();

  /**
   * @param name prefix of the thread names
   * @param threads at least 1
   * @param queueLimit tasks that may wait, at least 1
   */
  public Workers(String name, int threads, int queueLimit) {
    this(name, threads, queueLimit, false);
  }

  /**
   * Workers whose threads stand back where others want a processor: for what nobody waits for.
   *
   * @param name prefix of the thread names
   * @param threads at least 1
   * @param queueLimit tasks that may wait, at least 1
   */
  public static Workers inBackground(String name, int threads, int queueLimit) {
    return new Workers(name, threads, queueLimit, true);
  }

  private Workers(String name, int threads, int queueLimit, boolean background) {
    this.name = name;
    this.queueLimit = queueLimit;
    AtomicInteger number = new AtomicInteger();
    this.pool =
        new ThreadPoolExecutor(
            threads,
            threads,
            30,
            TimeUnit.SECONDS,
            new ArrayBlockingQueue<>(queueLimit),
            task -> {
              String threadName = name + "-" + number.incrementAndGet();
              return background
                  ? new BackgroundThread(threadName, task)
                  : Thread.ofPlatform().daemon().name(threadName).unstarted(task);
            });
    pool.allowCoreThreadTimeOut(true);
  }

  /** False when the queue is full or the pool is closed: the task will not run. */
  public boolean tryExecute(Runnable task) {
    try {
      ThreadStarter.run(() -> pool.execute(task));
      return true;
    } catch (RejectedExecutionException e) {
      refused.increment();
      return false;
    }
  }

  /**
   * @throws RejectedExecutionException where {@link #tryExecute} answers false
   */
  @Override
  public void execute(Runnable task) {
    if (!tryExecute(task)) {
      throw new RejectedExecutionException(name + ": queue of " + queueLimit + " is full");
    }
  }

  public int queued() {
    return pool.getQueue().size();
  }

  public long refusedCount() {
    return refused.sum();
  }

  /** Lets queued work finish for up to ten seconds, then interrupts it. */
  @Override
  public void close() {
    pool.shutdown();
    try {
      if (!pool.awaitTermination(STOP_TIMEOUT_SECONDS, TimeUnit.SECONDS)) {
        pool.shutdownNow();
      }
    } catch (InterruptedException e) {
      pool.shutdownNow();
      Thread.currentThread().interrupt();
    }
  }
}
