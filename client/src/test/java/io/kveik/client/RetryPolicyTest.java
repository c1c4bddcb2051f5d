package io.kveik.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.grpc.Status;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** When attempts are made, with pauses that are only written down. */
final class RetryPolicyTest {
  private final CallFailedException down = new CallFailedException(Status.UNAVAILABLE);

  private final ClientCounters counters = new ClientCounters();
  private final List<Long> pauses = new ArrayList<>();
  private final AtomicInteger reconnects = new AtomicInteger();

  @Test
  void pausesGrowAreJitteredAndCapped() {
    long seed = System.nanoTime();
    RetryPolicy policy = policy(options(12, 10, 100), seed);
    fails(policy, Duration.ofHours(1), down);
    long millis = 1_000_000;
    long[] ceilings = {10, 20, 40, 80, 100, 100, 100, 100, 100, 100, 100};
    assertThat(pauses).as("seed %d", seed).hasSize(ceilings.length);
    for (int i = 0; i < ceilings.length; i++) {
      assertThat(pauses.get(i))
          .as("seed %d, pause %d", seed, i)
          .isBetween(ceilings[i] * millis / 2, ceilings[i] * millis);
    }
    assertThat(pauses).as("seed %d", seed).doesNotHaveDuplicates();
    assertThat(reconnects).hasValue(11);
    assertThat(counters.retries.sum()).isEqualTo(11);
  }

  @Test
  void attemptThatWouldStartAfterTheDeadlineIsNotMade() {
    assertThat(fails(policy(options(3, 10_000, 10_000), 1), Duration.ofSeconds(1), down))
        .isEqualTo(1);
    assertThat(pauses).isEmpty();
  }

  @Test
  void deadlineThatHasPassedIsNotTriedAgain() {
    CallFailedException late = new CallFailedException(Status.DEADLINE_EXCEEDED);
    assertThat(fails(policy(options(3, 1, 1), 1), Duration.ofHours(1), late)).isEqualTo(1);
  }

  @Test
  void oneAttemptIsOne() {
    assertThat(fails(policy(options(1, 1, 1), 1), Duration.ofHours(1), down)).isEqualTo(1);
  }

  @Test
  void successEndsTheAttempts() {
    AtomicInteger attempts = new AtomicInteger();
    String result =
        policy(options(5, 1, 1), 1)
            .run(
                "call",
                Duration.ofHours(1),
                deadline -> {
                  if (attempts.incrementAndGet() < 3) {
                    throw down;
                  }
                  return "done";
                });
    assertThat(result).isEqualTo("done");
    assertThat(attempts).hasValue(3);
  }

  /** Fails for good and returns the number of attempts. */
  private static int fails(RetryPolicy policy, Duration limit, CallFailedException failure) {
    AtomicInteger attempts = new AtomicInteger();
    assertThatThrownBy(() ->
            policy.run(
                "call",
                limit,
                deadline -> {
                  attempts.incrementAndGet();
                  throw failure;
                }))
        .isInstanceOf(KveikException.class)
        .hasMessageStartingWith("call failed after " + attempts.get() + " attempt")
        .hasCause(failure);
    return attempts.get();
  }

  private RetryPolicy policy(ClientOptions options, long seed) {
    return new RetryPolicy(
        options, counters, reconnects::incrementAndGet, new Random(seed), pauses::add);
  }

  private static ClientOptions options(int attempts, long firstMillis, long maxMillis) {
    return ClientOptions.builder("nowhere:1")
        .maxAttempts(attempts)
        .backoff(Duration.ofMillis(firstMillis), Duration.ofMillis(maxMillis))
        .build();
  }
}
