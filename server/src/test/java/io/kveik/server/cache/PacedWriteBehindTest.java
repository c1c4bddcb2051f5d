package io.kveik.server.cache;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.kveik.server.block.AckLevel;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/** What is written behind goes at the tier's pace; what somebody waits for does not. */
class PacedWriteBehindTest {
  private static final int BODY = EngineFixture.PAYLOAD + 3;
  private static final MovementOptions TEN_BLOCKS_A_SECOND =
      new MovementOptions(Promotion.ALWAYS, 4, 6, 10L * BODY, 0, 4, 1 << 20);
  private static final MovementOptions POLITE =
      new MovementOptions(Promotion.ALWAYS, 4, 6, 0, 5, 4, 1 << 20);

  private static void putsReach(EngineFixture one, int puts) {
    await()
        .pollInterval(Duration.ofMillis(1))
        .until(() -> one.below.puts.get() == puts && one.engine.status() != null);
  }

  @Test
  void backgroundWritesKeepToTheBandwidth() {
    try (EngineFixture one = EngineFixture.moving(64, 64, TEN_BLOCKS_A_SECOND)) {
      one.engine.recover();
      for (long id = 1; id <= 30; id++) {
        one.write(id, 0, AckLevel.MEMORY);
      }
      // A burst of one block, and one that overdraws.
      putsReach(one, 2);
      // One more for each tenth of a second, less where a writer's thread has not come to it yet.
      for (int tenths = 1; one.below.puts.get() < 30; tenths++) {
        assertThat(tenths).isLessThan(10_000);
        time(one, 101);
        assertThat(one.below.puts.get()).isLessThanOrEqualTo(tenths + 3);
      }
    }
  }

  /** Moves on, and lets the writer thread finish what that started. */
  private static void time(EngineFixture one, long millis) {
    one.time.advance(millis);
    int queued = one.status(1).queuedBlocks();
    await()
        .pollDelay(Duration.ZERO)
        .pollInterval(Duration.ofMillis(1))
        .until(() -> one.below.puts.get() + one.status(1).queuedBlocks() == 30 || queued == 0);
  }

  @Test
  void aWriteThatWaitsForTheTierGoesAtOnceThoughOthersAreQueued() {
    try (EngineFixture one = EngineFixture.moving(64, 64, TEN_BLOCKS_A_SECOND)) {
      one.engine.recover();
      for (long id = 1; id <= 20; id++) {
        one.write(id, 0, AckLevel.MEMORY);
      }
      assertThat(one.write(21, 0, AckLevel.SHARED))
          .isInstanceOfSatisfying(
              WriteOutcome.Stored.class,
              stored -> assertThat(stored.reached()).isEqualTo(AckLevel.SHARED));
      assertThat(one.write(20, 0, AckLevel.SHARED))
          .as("queued before, waited for now")
          .isInstanceOfSatisfying(
              WriteOutcome.Stored.class,
              stored -> assertThat(stored.reached()).isEqualTo(AckLevel.SHARED));
      assertThat(one.below.puts.get()).isLessThanOrEqualTo(4);
    }
  }

  @Test
  void whatIsQueuedIsWrittenAtTheEnd() {
    EngineFixture one = EngineFixture.moving(64, 64, TEN_BLOCKS_A_SECOND);
    try (one) {
      one.engine.recover();
      for (long id = 1; id <= 30; id++) {
        one.write(id, 0, AckLevel.MEMORY);
      }
    }
    assertThat(one.below.puts.get()).isEqualTo(30);
  }

  @Test
  void readsGoBeforeWhatIsWrittenBehind() {
    try (EngineFixture one = EngineFixture.moving(16, 64, POLITE)) {
      one.engine.recover();
      for (long id = 1; id <= 40; id++) {
        one.write(id, 0, AckLevel.SHARED);
      }
      int before = one.below.puts.get();
      one.time.advance(100);
      one.below.stall();
      CompletableFuture<ReadOutcome> reader =
          one.engine.read(EngineFixture.NAMESPACE, EngineFixture.key(1)).toCompletableFuture();
      await().until(() -> one.below.gets.get() == 1);
      for (long id = 101; id <= 110; id++) {
        one.write(id, 0, AckLevel.MEMORY);
      }
      putsReach(one, before + 1);
      one.below.permits.release(1);
      one.below.permits.release(1);
      EngineFixture.contentOf(EngineFixture.join(reader));
      assertThat(one.below.puts.get()).as("one at a time, a pause apart").isEqualTo(before + 1);
      one.below.resume();
      while (one.status(1).queuedBlocks() > 0) {
        one.time.advance(5);
      }
      putsReach(one, before + 10);
    }
  }
}
