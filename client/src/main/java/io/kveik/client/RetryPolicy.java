package io.kveik.client;

import io.grpc.Deadline;
import io.grpc.Status;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.random.RandomGenerator;

/**
 * Tries a call again where that can help: after UNAVAILABLE and RESOURCE_EXHAUSTED, a bounded
 * number of times, after a random pause, never past the deadline.
 *
 * <p>The pause before attempt n + 1 is drawn evenly from the upper half of first × 2^(n-1), capped:
 * clients that failed together come back apart. gRPC's own retry is off, since it would have to
 * keep a copy of the request and gives up at 1 MiB. Thread-safe.
 */
final class RetryPolicy {
  /** One attempt. */
  @FunctionalInterface
  interface Attempt<T> {
    T run(Deadline deadline) throws CallFailedException, InterruptedException;
  }

  /** Waits; a test gives its own. */
  @FunctionalInterface
  interface Pause {
    void nanos(long nanos) throws InterruptedException;
  }

  private final int maxAttempts;
  private final Duration firstBackoff;
  private final Duration maxBackoff;
  private final ClientCounters counters;
  private final Runnable reconnect;
  private final RandomGenerator random;
  private final Pause pause;

  /**
   * @param reconnect runs before each further attempt, so that it need not wait for the channel's
   *     own, much longer, pause between connections
   * @param random must be safe to share between threads
   */
  RetryPolicy(
      ClientOptions options,
      ClientCounters counters,
      Runnable reconnect,
      RandomGenerator random,
      Pause pause) {
    this.maxAttempts = options.maxAttempts();
    this.firstBackoff = options.firstBackoff();
    this.maxBackoff = options.maxBackoff();
    this.counters = counters;
    this.reconnect = reconnect;
    this.random = random;
    this.pause = pause;
  }

  /**
   * Runs a call to its end.
   *
   * @param what names the call and its subject, for the error
   * @throws KveikException when it failed for good
   */
  <T> T run(String what, Duration limit, Attempt<T> attempt) {
    Deadline deadline = Deadline.after(limit.toNanos(), TimeUnit.NANOSECONDS);
    for (int n = 1; ; n++) {
      try {
        return attempt.run(deadline);
      } catch (CallFailedException e) {
        awaitNext(what, n, deadline, e);
      } catch (InterruptedException e) {
        throw interrupted(what, e);
      }
    }
  }

  /**
   * Returns when attempt {@code n + 1} may start.
   *
   * @throws KveikException when there is to be none
   */
  void awaitNext(String what, int n, Deadline deadline, CallFailedException failure) {
    if (n >= maxAttempts || !canHelp(failure.status().getCode())) {
      throw failure.toKveikException(what, n);
    }
    long nanos = backoffNanos(n);
    if (nanos >= deadline.timeRemaining(TimeUnit.NANOSECONDS)) {
      throw failure.toKveikException(what, n);
    }
    try {
      pause.nanos(nanos);
    } catch (InterruptedException e) {
      throw interrupted(what, e);
    }
    counters.retries.increment();
    reconnect.run();
  }

  static KveikException interrupted(String what, InterruptedException cause) {
    Thread.currentThread().interrupt();
    return new KveikException(
        KveikException.Code.INTERRUPTED, what + " was interrupted while it waited", cause);
  }

  private long backoffNanos(int n) {
    // 2^30 × the shortest backoff is far above any cap, and the shift can't overflow.
    double grown = (double) firstBackoff.toNanos() * (1L << Math.min(n - 1, 30));
    long full = (long) Math.min(grown, (double) maxBackoff.toNanos());
    return full - (long) (random.nextDouble() * (full / 2.0));
  }

  private static boolean canHelp(Status.Code code) {
    return code == Status.Code.UNAVAILABLE || code == Status.Code.RESOURCE_EXHAUSTED;
  }
}
