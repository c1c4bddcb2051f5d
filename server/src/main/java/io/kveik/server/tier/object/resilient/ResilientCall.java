package io.kveik.server.tier.object.resilient;

import io.kveik.server.runtime.Clock;
import io.kveik.server.runtime.Scheduler;
import io.kveik.server.tier.object.BlobFailure;
import io.kveik.server.tier.object.BlobOutcome;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import java.util.function.LongUnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * One call on its way through its tries. It never blocks: what waits is a timer or a place in line,
 * and tries run where {@link Parts#threads} puts them.
 *
 * <p>Of several tries at a time the first answer wins, and each other's answer is dropped when it
 * comes, its memory given back by the thread that filled it: so nothing is ever written to memory
 * whose lease is closed. A call whose tries use the caller's own memory is told of its deadline
 * only once no try runs any more.
 *
 * @param <T> what the call can come to
 */
final class ResilientCall<T extends BlobOutcome> {
  /**
   * What all calls share.
   *
   * @param random a number from 0 to below its argument
   */
  record Parts(
      ResilienceOptions options,
      ResilienceCounters counters,
      TryThreads threads,
      Scheduler scheduler,
      Clock clock,
      LongUnaryOperator random) {}

  /** Runs tries, which block. */
  @FunctionalInterface
  interface TryThreads {
    /** False: it will not run. */
    boolean tryExecute(Runnable task);
  }

  /** One request to the store. */
  @FunctionalInterface
  interface Try<T> {
    T make(long timeoutMillis);
  }

  /** What a call may do. */
  enum Kind {
    /** Tries fill memory of their own: may be hedged, and left behind at the deadline. */
    READ,
    FIND,
    /** Tries read the caller's memory, or must not overtake each other. */
    CHANGE;

    boolean leavesTriesBehind() {
      return this != CHANGE;
    }
  }

  private static final long NANOS_PER_MILLI = 1_000_000;

  private final Parts parts;
  private final AccountHealth account;
  private final Kind kind;
  private final Try<T> request;
  private final Function<BlobFailure, T> failedAs;
  private final long timeoutMillis;
  private final long deadlineNanos;
  private final CompletableFuture<T> result = new CompletableFuture<>();

  // Guarded by this.
  private ConcurrencyLimit.@Nullable Place place;
  private boolean granted;
  private boolean settled;
  private boolean placeLeft;
  private int triesMade;
  private int running;

  ResilientCall(
      Parts parts,
      AccountHealth account,
      Kind kind,
      Try<T> request,
      Function<BlobFailure, T> failedAs,
      long timeoutMillis) {
    this.parts = parts;
    this.account = account;
    this.kind = kind;
    this.request = request;
    this.failedAs = failedAs;
    this.timeoutMillis = timeoutMillis;
    this.deadlineNanos = parts.clock().nanoTime() + timeoutMillis * NANOS_PER_MILLI;
  }

  CompletableFuture<T> start() {
    if (!account.admits()) {
      parts.counters().shortCircuited.increment();
      settle(unavailable("the storage account fails and is left alone"));
      return result;
    }
    Scheduler.Timer deadline = parts.scheduler().after(timeoutMillis, this::deadlineCame);
    result.whenComplete((_, _) -> deadline.cancel());
    ConcurrencyLimit.Place mine = account.limit.enter(this::placeGranted);
    if (mine == null) {
      parts.counters().crowdedOut.increment();
      settle(throttled("object.waiters: too many calls wait for the account"));
      return result;
    }
    synchronized (this) {
      place = mine;
    }
    leaveIfDone();
    return result;
  }

  private void placeGranted() {
    synchronized (this) {
      granted = true;
      if (settled) {
        return;
      }
    }
    parts.counters().calls.increment();
    account.budget.earn();
    makeTry(0);
    scheduleHedge();
  }

  private void scheduleHedge() {
    if (kind == Kind.CHANGE || !parts.options().hedge()) {
      return;
    }
    long p95Nanos = window().p95Nanos();
    if (p95Nanos == LatencyWindow.UNKNOWN) {
      return;
    }
    long delayMillis =
        Math.max(parts.options().hedgeMinMillis(), Math.ceilDiv(p95Nanos, NANOS_PER_MILLI));
    Scheduler.Timer timer = parts.scheduler().after(delayMillis, this::hedge);
    result.whenComplete((_, _) -> timer.cancel());
  }

  private void hedge() {
    synchronized (this) {
      if (settled || running != 1 || triesMade >= parts.options().tries()) {
        return;
      }
    }
    if (spendBudget()) {
      parts.counters().hedges.increment();
      makeTry(1);
    }
  }

  /**
   * Sends a request.
   *
   * @param beside tries that may be running already
   */
  private void makeTry(int beside) {
    long leftMillis = leftMillis();
    int number;
    synchronized (this) {
      if (settled || running > beside) {
        return;
      }
      running++;
      number = triesMade++;
    }
    if (leftMillis > 0 && parts.threads().tryExecute(() -> runTry(number, beside > 0))) {
      return;
    }
    boolean last;
    synchronized (this) {
      running--;
      last = running == 0;
    }
    if (last) {
      settle(
          leftMillis > 0
              ? throttled("object.concurrency: no thread for the request")
              : overDeadline());
    }
    leaveIfDone();
  }

  private void runTry(int number, boolean hedge) {
    long startedNanos = parts.clock().nanoTime();
    parts.counters().tries.increment();
    T outcome;
    try {
      outcome = request.make(Math.clamp(leftMillis(), 1, tryMillis()));
    } catch (RuntimeException | Error e) {
      // A bug, not the world: whoever waits must hear of it.
      synchronized (this) {
        running--;
        settled = true;
      }
      result.completeExceptionally(e);
      leaveIfDone();
      return;
    }
    if (outcome instanceof BlobOutcome.Failed(BlobFailure failure)) {
      account.failed(failure, startedNanos);
      tryFailed(outcome, failure, number);
    } else {
      account.answered();
      window().add(parts.clock().nanoTime() - startedNanos);
      tryAnswered(outcome, hedge);
    }
    leaveIfDone();
  }

  private void tryAnswered(T outcome, boolean hedge) {
    synchronized (this) {
      running--;
    }
    if (!settle(outcome)) {
      drop(outcome);
    } else if (hedge) {
      parts.counters().hedgesWon.increment();
    }
  }

  private void tryFailed(T outcome, BlobFailure failure, int number) {
    synchronized (this) {
      running--;
      if (settled || running > 0) {
        // The other try may still answer; if it fails too, it decides what follows.
        return;
      }
    }
    long delayMillis = retryDelayMillis(failure, number);
    boolean again =
        failure.kind() != BlobFailure.Kind.REFUSED
            && number + 1 < parts.options().tries()
            && delayMillis < leftMillis()
            && !account.isOpen()
            && spendBudget();
    if (!again) {
      settle(outcome);
      return;
    }
    parts.counters().retries.increment();
    parts.scheduler().after(delayMillis, () -> makeTry(0));
  }

  private boolean spendBudget() {
    boolean spent = account.budget.spend();
    if (!spent) {
      parts.counters().overBudget.increment();
    }
    return spent;
  }

  /** What the store asked for, if it did, and a random part of the backoff. */
  private long retryDelayMillis(BlobFailure failure, int number) {
    ResilienceOptions options = parts.options();
    long backoff =
        Math.min(options.backoffMaxMillis(), options.backoffMillis() << Math.min(number, 20));
    return failure.retryAfterMillis() + parts.random().applyAsLong(Math.max(1, backoff));
  }

  private void deadlineCame() {
    synchronized (this) {
      if (settled || (running > 0 && !kind.leavesTriesBehind())) {
        return;
      }
      if (!granted) {
        parts.counters().crowdedOut.increment();
      }
    }
    settle(overDeadline());
    leaveIfDone();
  }

  private T overDeadline() {
    parts.counters().overDeadline.increment();
    return unavailable("no answer within " + timeoutMillis + " ms");
  }

  /** Gives the place up once the caller has its answer and no try runs any more. */
  private void leaveIfDone() {
    ConcurrencyLimit.Place mine;
    synchronized (this) {
      mine = place;
      if (!settled || running > 0 || mine == null || placeLeft) {
        return;
      }
      placeLeft = true;
    }
    account.limit.leave(mine);
  }

  private boolean settle(T outcome) {
    synchronized (this) {
      if (settled) {
        return false;
      }
      settled = true;
    }
    result.complete(outcome);
    return true;
  }

  private static void drop(BlobOutcome late) {
    if (late instanceof BlobOutcome.Fetched fetched) {
      fetched.body().close();
    }
  }

  private LatencyWindow window() {
    return kind == Kind.READ ? account.reads : account.finds;
  }

  private long tryMillis() {
    return kind == Kind.CHANGE ? parts.options().changeTryMillis() : parts.options().tryMillis();
  }

  private long leftMillis() {
    return (deadlineNanos - parts.clock().nanoTime()) / NANOS_PER_MILLI;
  }

  private T unavailable(String reason) {
    return failedAs.apply(new BlobFailure(BlobFailure.Kind.UNAVAILABLE, 0, reason));
  }

  private T throttled(String reason) {
    return failedAs.apply(new BlobFailure(BlobFailure.Kind.THROTTLED, 0, reason));
  }
}
