package io.kveik.server.runtime;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/**
 * Has threads started with the priority of the process. Linux hands a thread's priority on to those
 * that it starts: a pool that grew because a {@link BackgroundThread} gave it work would serve
 * others in the background from then on.
 */
final class ThreadStarter {
  private static final ExecutorService STARTER =
      Executors.newSingleThreadExecutor(
          Thread.ofPlatform().daemon().name("thread-starter").factory());

  static {
    // Its own thread is started here, by the first user of this class.
    STARTER.execute(() -> {});
  }

  private ThreadStarter() {}

  /** To be called before there is any background thread. */
  static void ready() {}

  /**
   * Does what may start a thread, elsewhere if this is a background thread.
   *
   * @throws OutOfMemoryError when there can be no more threads
   */
  static void run(Runnable starts) {
    if (!(Thread.currentThread() instanceof BackgroundThread)) {
      starts.run();
      return;
    }
    try {
      CompletableFuture.runAsync(starts, STARTER).join();
    } catch (CompletionException e) {
      switch (e.getCause()) {
        case Error error -> throw error;
        case RuntimeException exception -> throw exception;
        case null, default -> throw e;
      }
    }
  }
}
