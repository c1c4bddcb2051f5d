package io.kveik.bench.run;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * Asks a run to end early, and on Ctrl-C keeps the process alive until it has: close it once the
 * last figure is printed. Thread-safe.
 */
public final class StopSignal implements AutoCloseable {
  private static final long GRACE_SECONDS = 30;

  private final CountDownLatch requested = new CountDownLatch(1);
  private final CountDownLatch finished = new CountDownLatch(1);
  private final Thread hook = new Thread(this::stopAndWait, "stop-signal");

  /** A signal that only {@link #request} gives. */
  public StopSignal() {}

  /** A signal that SIGINT and SIGTERM give too. */
  public static StopSignal onShutdown() {
    StopSignal signal = new StopSignal();
    Runtime.getRuntime().addShutdownHook(signal.hook);
    return signal;
  }

  /** Asks the run to end. */
  public void request() {
    requested.countDown();
  }

  /** Whether the run is to end. */
  public boolean isRequested() {
    return requested.getCount() == 0;
  }

  /** Waits for the request, so long at most. */
  public boolean awaitRequest(long millis) throws InterruptedException {
    return requested.await(millis, TimeUnit.MILLISECONDS);
  }

  /** Waits for the request. */
  public void awaitRequest() throws InterruptedException {
    requested.await();
  }

  /** Lets a process that is ending end. */
  @Override
  public void close() {
    finished.countDown();
    try {
      Runtime.getRuntime().removeShutdownHook(hook);
    } catch (IllegalStateException e) {
      // The process is ending and the hook is at work.
    }
  }

  private void stopAndWait() {
    request();
    try {
      if (!finished.await(GRACE_SECONDS, TimeUnit.SECONDS)) {
        System.err.println("the run did not end within " + GRACE_SECONDS + " s");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
