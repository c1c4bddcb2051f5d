package io.kveik.server.tier.object.resilient;

import static org.assertj.core.api.Assertions.assertThat;

import io.kveik.server.memory.Lease;
import io.kveik.server.memory.Slab;
import io.kveik.server.runtime.ManualTime;
import io.kveik.server.tier.TestBlocks;
import io.kveik.server.tier.object.BlobFailure;
import io.kveik.server.tier.object.BlobFailure.Kind;
import io.kveik.server.tier.object.BlobOutcome;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/**
 * Calls on one thread: a try that was sent waits in {@link #sent} until the test answers it, and
 * time moves only when the test says so.
 */
class ResilientCallTest {
  private static final long TIMEOUT_MILLIS = 3_000;
  private static final ResilienceOptions OPTIONS =
      new ResilienceOptions(
          1_000,
          1_000,
          3,
          10,
          20,
          500,
          10,
          true,
          new ResilienceOptions.Breaker(10, 800, 1_000, 8_000),
          2,
          8,
          4,
          4);

  private final Slab memory = Slab.anonymous(1 << 20);
  private final ManualTime time = new ManualTime();
  private final ResilienceCounters counters = new ResilienceCounters();
  private final SplittableRandom random =
      new SplittableRandom(TestBlocks.seed("ResilientCallTest"));
  private final AccountHealth account =
      new AccountHealth("account", OPTIONS, counters, time, random::nextLong);

  /** Tries that were handed to a thread, each until the test runs it to its end. */
  private final ArrayDeque<Runnable> sent = new ArrayDeque<>();

  private final ArrayDeque<BlobOutcome.Get> answers = new ArrayDeque<>();
  private final List<Long> timeouts = new ArrayList<>();

  @AfterEach
  void close() {
    assertThat(memory.liveLeases()).isZero();
    memory.close();
  }

  @Test
  void oneTryIsEnoughForWhatAnswers() {
    CompletableFuture<BlobOutcome.Get> call = call(ResilientCall.Kind.READ);
    assertThat(sent).hasSize(1);
    answer(new BlobOutcome.NotThere());
    assertThat(call).isCompletedWithValue(new BlobOutcome.NotThere());
    assertThat(timeouts).containsExactly(1_000L);
    assertThat(counters.calls.sum()).isEqualTo(1);
    assertThat(counters.tries.sum()).isEqualTo(1);
  }

  @Test
  void withoutABudgetAFailureIsTheAnswer() {
    CompletableFuture<BlobOutcome.Get> call = call(ResilientCall.Kind.READ);
    answer(failed(Kind.UNAVAILABLE, 0));
    assertThat(call).isCompletedWithValue(failed(Kind.UNAVAILABLE, 0));
    assertThat(counters.overBudget.sum()).isEqualTo(1);
  }

  @Test
  void retriesAfterABackoffOnceItIsEarned() {
    earn(1);
    CompletableFuture<BlobOutcome.Get> call = call(ResilientCall.Kind.READ);
    answer(failed(Kind.UNAVAILABLE, 0));
    assertThat(call).isNotDone();
    assertThat(sent).isEmpty();
    time.advance(20);
    assertThat(sent).hasSize(1);
    answer(new BlobOutcome.NotThere());
    assertThat(call).isCompletedWithValue(new BlobOutcome.NotThere());
    assertThat(counters.retries.sum()).isEqualTo(1);
  }

  @Test
  void neverRetriesWhatIsRefused() {
    earn(2);
    CompletableFuture<BlobOutcome.Get> call = call(ResilientCall.Kind.READ);
    answer(failed(Kind.REFUSED, 0));
    assertThat(call).isCompletedWithValue(failed(Kind.REFUSED, 0));
  }

  @Test
  void waitsAsLongAsTheStoreAskedAndNotIfThatIsTooLong() {
    earn(2);
    CompletableFuture<BlobOutcome.Get> patient = call(ResilientCall.Kind.READ);
    answer(failed(Kind.THROTTLED, 1_000));
    time.advance(999);
    assertThat(sent).isEmpty();
    time.advance(21);
    answer(new BlobOutcome.NotThere());
    assertThat(patient).isCompletedWithValue(new BlobOutcome.NotThere());
    CompletableFuture<BlobOutcome.Get> hurried = call(ResilientCall.Kind.READ);
    answer(failed(Kind.THROTTLED, 3_000));
    assertThat(hurried).isCompletedWithValue(failed(Kind.THROTTLED, 3_000));
  }

  @Test
  void neverMoreThanElevenTriesForTenCalls() {
    SplittableRandom faults = random.split();
    int answered = 0;
    for (int i = 1; i <= 20_000; i++) {
      CompletableFuture<BlobOutcome.Get> call = call(ResilientCall.Kind.READ);
      while (!call.isDone()) {
        if (sent.isEmpty()) {
          time.advance(1);
        } else {
          answer(
              faults.nextInt(100) < 30
                  ? failed(faults.nextBoolean() ? Kind.THROTTLED : Kind.UNAVAILABLE, 0)
                  : new BlobOutcome.NotThere());
        }
      }
      answered += call.join() instanceof BlobOutcome.NotThere ? 1 : 0;
      assertThat((double) counters.tries.sum()).isLessThanOrEqualTo(1.1 * i);
      // Failing calls take no time here; without this the breaker sees them as continuous.
      time.advance(1);
    }
    // Ten faults in a row open the breaker in one run of twelve; what it turns away was no call.
    long calls = counters.calls.sum();
    assertThat(calls + counters.shortCircuited.sum()).isEqualTo(20_000);
    double triesPerCall = counters.tries.sum() / (double) calls;
    System.out.printf(
        "ResilientCallTest: 30 %% faults: %.3f tries per call, %.1f %% of %d calls answered%n",
        triesPerCall, 100.0 * answered / calls, calls);
    assertThat(triesPerCall).isBetween(1.05, 1.1);
    assertThat(answered).isGreaterThan((int) (0.7 * calls));
  }

  @Test
  void hedgesAReadThatIsSlowerThanNinetyFiveOfAHundred() {
    learnLatency(50);
    try (Lease fast = lease();
        Lease slow = lease()) {
      CompletableFuture<BlobOutcome.Get> call = call(ResilientCall.Kind.READ);
      time.advance(49);
      assertThat(sent).hasSize(1);
      time.advance(1);
      assertThat(sent).hasSize(2);
      Runnable first = sent.remove();
      answer(fetched(fast));
      assertThat(call.join()).isEqualTo(fetched(fast));
      assertThat(counters.hedges.sum()).isEqualTo(1);
      assertThat(counters.hedgesWon.sum()).isEqualTo(1);
      // The loser may still write: its memory is given back when it is done, not before.
      assertThat(slow.segment().byteSize()).isPositive();
      answers.add(fetched(slow));
      first.run();
      assertThat(slow.tryRetain()).isNull();
      assertThat(fast.tryRetain()).satisfies(another -> Objects.requireNonNull(another).close());
    }
  }

  @Test
  void ofTwoTriesTheFirstFailureWaitsForTheOther() {
    learnLatency(50);
    CompletableFuture<BlobOutcome.Get> call = call(ResilientCall.Kind.READ);
    time.advance(50);
    answer(failed(Kind.UNAVAILABLE, 0));
    assertThat(call).isNotDone();
    answer(new BlobOutcome.NotThere());
    assertThat(call).isCompletedWithValue(new BlobOutcome.NotThere());
  }

  @Test
  void aReadLeavesItsTryBehindAtTheDeadline() {
    try (Lease late = lease()) {
      CompletableFuture<BlobOutcome.Get> call = call(ResilientCall.Kind.READ);
      time.advance(TIMEOUT_MILLIS);
      assertThat(call.join()).isInstanceOf(BlobOutcome.Failed.class);
      assertThat(counters.overDeadline.sum()).isEqualTo(1);
      answer(fetched(late));
      assertThat(late.tryRetain()).isNull();
    }
  }

  @Test
  void aChangeIsNotOverWhileItsTryRuns() {
    learnLatency(50);
    CompletableFuture<BlobOutcome.Get> call = call(ResilientCall.Kind.CHANGE);
    time.advance(TIMEOUT_MILLIS + 1);
    assertThat(call).isNotDone();
    assertThat(sent).hasSize(1);
    answer(failed(Kind.UNAVAILABLE, 0));
    assertThat(call).isDone();
  }

  @Test
  void opensAfterFailuresInARowAndTriesAgain() {
    for (int i = 0; i < 10; i++) {
      call(ResilientCall.Kind.READ);
      answer(failed(Kind.UNAVAILABLE, 0));
    }
    assertThat(counters.breakerOpened.sum()).isEqualTo(1);
    assertThat(call(ResilientCall.Kind.READ)).isDone();
    assertThat(counters.shortCircuited.sum()).isEqualTo(1);
    time.advance(1_000);
    CompletableFuture<BlobOutcome.Get> trial = call(ResilientCall.Kind.READ);
    assertThat(trial).isNotDone();
    assertThat(call(ResilientCall.Kind.READ)).isDone();
    answer(new BlobOutcome.NotThere());
    assertThat(trial).isCompletedWithValue(new BlobOutcome.NotThere());
    assertThat(account.isOpen()).isFalse();
    assertThat(call(ResilientCall.Kind.READ)).isNotDone();
    answer(new BlobOutcome.NotThere());
  }

  @Test
  void opensWithinASecondWhenEverythingTimesOut() {
    CircuitBreaker breaker = new CircuitBreaker(OPTIONS.breaker(), time, bound -> 0);
    long startedNanos = time.nanoTime();
    time.advance(1_000);
    for (int i = 0; i < 4; i++) {
      assertThat(breaker.failed(startedNanos)).isFalse();
    }
    assertThat(breaker.failed(startedNanos)).isTrue();
  }

  @Test
  void aTrialThatFailsDoublesThePause() {
    ResilienceOptions.Breaker options = OPTIONS.breaker();
    CircuitBreaker breaker = new CircuitBreaker(options, time, bound -> bound - 1);
    for (int i = 0; i < 10; i++) {
      breaker.failed(time.nanoTime());
    }
    long pause = options.pauseMillis();
    for (int trial = 0; trial < 5; trial++) {
      time.advance(pause - 2);
      assertThat(breaker.admits()).isFalse();
      time.advance(1);
      assertThat(breaker.admits()).isTrue();
      assertThat(breaker.admits()).isFalse();
      breaker.failed(time.nanoTime());
      // What was under way when it opened has nothing to say about the trial.
      breaker.failed(time.nanoTime() - 100_000_000_000L);
      pause = Math.min(2 * pause, options.pauseMaxMillis());
    }
    assertThat(pause).isEqualTo(options.pauseMaxMillis());
    time.advance(pause);
    assertThat(breaker.wouldAdmit()).isTrue();
    assertThat(breaker.admits()).isTrue();
    assertThat(breaker.succeeded()).isTrue();
    assertThat(breaker.admits()).isTrue();
  }

  @Test
  void callsBeyondTheLimitWaitInLineOrAreRefused() {
    List<CompletableFuture<BlobOutcome.Get>> calls = new ArrayList<>();
    for (int i = 0; i < 13; i++) {
      calls.add(call(ResilientCall.Kind.READ));
    }
    assertThat(sent).hasSize(8);
    assertThat(calls.get(12)).isDone();
    assertThat(counters.crowdedOut.sum()).isEqualTo(1);
    answer(new BlobOutcome.NotThere());
    assertThat(sent).hasSize(8);
    time.advance(TIMEOUT_MILLIS);
    assertThat(calls).allMatch(CompletableFuture::isDone);
    while (!sent.isEmpty()) {
      answer(new BlobOutcome.NotThere());
    }
    assertThat(call(ResilientCall.Kind.READ)).isNotDone();
    assertThat(sent).hasSize(1);
    answer(new BlobOutcome.NotThere());
  }

  @Test
  void throttlingLowersTheLimitAndSuccessesRaiseIt() {
    for (int i = 0; i < 20; i++) {
      account.limit.throttled();
      time.advance(100);
    }
    assertThat(account.limit.current()).isEqualTo(2);
    for (int i = 0; i < 100; i++) {
      account.limit.succeeded();
    }
    assertThat(account.limit.current()).isEqualTo(8);
  }

  @Test
  void aBugInTheStoreReachesTheCaller() {
    CompletableFuture<BlobOutcome.Get> call = call(ResilientCall.Kind.CHANGE);
    answers.clear();
    sent.remove().run();
    assertThat(call).isCompletedExceptionally();
  }

  private CompletableFuture<BlobOutcome.Get> call(ResilientCall.Kind kind) {
    ResilientCall.Parts parts =
        new ResilientCall.Parts(OPTIONS, counters, sent::add, time, time, random::nextLong);
    return new ResilientCall<BlobOutcome.Get>(
            parts,
            account,
            kind,
            timeoutMillis -> {
              timeouts.add(timeoutMillis);
              return answers.remove();
            },
            BlobOutcome.Failed::new,
            TIMEOUT_MILLIS)
        .start();
  }

  /** Runs the oldest try to that end. */
  private void answer(BlobOutcome.Get outcome) {
    answers.add(outcome);
    sent.remove().run();
  }

  private void earn(int extraTries) {
    for (int i = 0; i < 10 * extraTries; i++) {
      account.budget.earn();
    }
  }

  private void learnLatency(long millis) {
    earn(3);
    for (int i = 0; i < LatencyWindow.SAMPLES; i++) {
      account.reads.add(millis * 1_000_000);
    }
  }

  private Lease lease() {
    return Objects.requireNonNull(memory.allocate(64));
  }

  private static BlobOutcome.Fetched fetched(Lease body) {
    return new BlobOutcome.Fetched(Map.of(), body, 64);
  }

  private static BlobOutcome.Failed failed(Kind kind, long retryAfterMillis) {
    return new BlobOutcome.Failed(new BlobFailure(kind, retryAfterMillis, "told to"));
  }
}
