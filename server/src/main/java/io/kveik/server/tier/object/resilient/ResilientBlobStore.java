package io.kveik.server.tier.object.resilient;

import io.kveik.server.runtime.Clock;
import io.kveik.server.runtime.Scheduler;
import io.kveik.server.runtime.Workers;
import io.kveik.server.tier.object.BlobContainer;
import io.kveik.server.tier.object.BlobFailure;
import io.kveik.server.tier.object.BlobName;
import io.kveik.server.tier.object.BlobOutcome;
import io.kveik.server.tier.object.BlobSink;
import io.kveik.server.tier.object.BlobStore;
import java.lang.foreign.MemorySegment;
import java.util.Map;
import java.util.function.Function;
import java.util.function.LongUnaryOperator;
import java.util.function.Predicate;

/**
 * A blob store over one that fails at times. The time given to a call here is for all its tries.
 *
 * <p>A failed try is made again after a random backoff, or when the store asked for it, as long as
 * the deadline allows and the account's {@link RetryBudget} has something left; beyond that the
 * call fails at once, which above is a miss. A read that has not answered by the time that 95 of
 * 100 do is sent a second time, out of the same budget. An account that only fails is left alone by
 * its {@link CircuitBreaker}; one that says it has too much gets fewer calls at a time by its
 * {@link ConcurrencyLimit}.
 *
 * <p>Any thread. The caller blocks until its answer is there; tries run on threads of this store's
 * own, so that a read may go on without the slow one of two.
 */
public final class ResilientBlobStore implements BlobStore {
  private final BlobStore store;
  private final Workers threads;
  private final ResilienceCounters counters = new ResilienceCounters();
  private final Accounts accounts;
  private final ResilientCall.Parts parts;

  /**
   * Takes over store and threads: closing this closes them.
   *
   * @param threads for the tries, as many as there are connections
   * @param random a number from 0 to below its argument, from any thread
   */
  public ResilientBlobStore(
      BlobStore store,
      ResilienceOptions options,
      Workers threads,
      Scheduler scheduler,
      Clock clock,
      LongUnaryOperator random) {
    this.store = store;
    this.threads = threads;
    this.accounts = new Accounts(options, counters, clock, random);
    this.parts =
        new ResilientCall.Parts(options, counters, threads::tryExecute, scheduler, clock, random);
  }

  @Override
  public String name() {
    return store.name();
  }

  public ResilienceCounters counters() {
    return counters;
  }

  /** Accounts that are left alone now. */
  public int openAccounts() {
    return accounts.open();
  }

  /** Whether a call to the container would be tried now. */
  public boolean reachable(BlobContainer container) {
    return accounts.of(container).wouldAdmit();
  }

  @Override
  public BlobOutcome.Put put(
      BlobName blob, Map<String, String> metadata, MemorySegment body, long timeoutMillis) {
    return this.<BlobOutcome.Put>call(
        blob,
        ResilientCall.Kind.CHANGE,
        millis -> store.put(blob, metadata, body, millis),
        BlobOutcome.Failed::new,
        timeoutMillis);
  }

  @Override
  public BlobOutcome.Put replace(
      BlobName blob, Map<String, String> metadata, MemorySegment body, long timeoutMillis) {
    return this.<BlobOutcome.Put>call(
        blob,
        ResilientCall.Kind.CHANGE,
        millis -> store.replace(blob, metadata, body, millis),
        BlobOutcome.Failed::new,
        timeoutMillis);
  }

  @Override
  public BlobOutcome.Get get(BlobName blob, BlobSink sink, long timeoutMillis) {
    return this.<BlobOutcome.Get>call(
        blob,
        ResilientCall.Kind.READ,
        millis -> store.get(blob, sink, millis),
        BlobOutcome.Failed::new,
        timeoutMillis);
  }

  @Override
  public BlobOutcome.Get getRange(
      BlobName blob, long offset, long length, BlobSink sink, long timeoutMillis) {
    return this.<BlobOutcome.Get>call(
        blob,
        ResilientCall.Kind.READ,
        millis -> store.getRange(blob, offset, length, sink, millis),
        BlobOutcome.Failed::new,
        timeoutMillis);
  }

  @Override
  public BlobOutcome.Head head(BlobName blob, long timeoutMillis) {
    return this.<BlobOutcome.Head>call(
        blob,
        ResilientCall.Kind.FIND,
        millis -> store.head(blob, millis),
        BlobOutcome.Failed::new,
        timeoutMillis);
  }

  @Override
  public BlobOutcome.Delete delete(BlobName blob, long timeoutMillis) {
    return this.<BlobOutcome.Delete>call(
        blob,
        ResilientCall.Kind.CHANGE,
        millis -> store.delete(blob, millis),
        BlobOutcome.Failed::new,
        timeoutMillis);
  }

  /**
   * {@inheritDoc} One try, on the caller's thread: what was told can't be untold, and background
   * work can begin anew.
   */
  @Override
  public boolean list(
      BlobContainer container, String prefix, Predicate<String> visitor, long timeoutMillis) {
    AccountHealth account = accounts.of(container);
    if (!account.admits()) {
      counters.shortCircuited.increment();
      return false;
    }
    long startedNanos = parts.clock().nanoTime();
    counters.calls.increment();
    counters.tries.increment();
    account.budget.earn();
    boolean complete = store.list(container, prefix, visitor, timeoutMillis);
    if (complete) {
      account.answered();
    } else {
      account.failed(
          new BlobFailure(BlobFailure.Kind.UNAVAILABLE, 0, "a listing broke off"), startedNanos);
    }
    return complete;
  }

  /** Ends the tries in progress and waits for them, since they hold memory. */
  @Override
  public void close() {
    store.close();
    threads.close();
  }

  private <T extends BlobOutcome> T call(
      BlobName blob,
      ResilientCall.Kind kind,
      ResilientCall.Try<T> request,
      Function<BlobFailure, T> failedAs,
      long timeoutMillis) {
    return new ResilientCall<>(
            parts, accounts.of(blob.container()), kind, request, failedAs, timeoutMillis)
        .start()
        .join();
  }
}
