package io.kveik.server.cache;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.kveik.server.block.AckLevel;
import io.kveik.server.block.BlockKey;
import java.util.List;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

/** Blocks brought to DRAM as background work. */
class PrefetchesTest {
  private static MovementOptions bounded(int inFlight, long bytes, long pauseMillis) {
    return new MovementOptions(Promotion.ALWAYS, 4, 6, 0, pauseMillis, inFlight, bytes);
  }

  private static List<BlockKey> keys(int count) {
    return LongStream.rangeClosed(1, count).mapToObj(EngineFixture::key).toList();
  }

  /** Blocks 1 to count below DRAM, and others in it. */
  private static void fill(EngineFixture one, int count, int dramBlocks) {
    one.engine.recover();
    for (long id = 1; id <= count; id++) {
      one.write(id, id - 1, AckLevel.SHARED);
    }
    for (long id = 1; id <= dramBlocks; id++) {
      one.write(1_000_000 + id, 0, AckLevel.SHARED);
    }
  }

  @Test
  void soManyAreFetchedAtATimeAndNoMore() {
    try (EngineFixture one = EngineFixture.moving(64, 256, bounded(3, 1 << 20, 0))) {
      fill(one, 20, 128);
      one.below.stall();
      PrefetchOutcome outcome = one.engine.prefetch(EngineFixture.NAMESPACE, keys(30));
      assertThat(outcome).isEqualTo(new PrefetchOutcome(20, 0, 20, false));
      await().until(() -> one.below.gets.get() == 3);
      assertThat(one.engine.prefetch(EngineFixture.NAMESPACE, keys(20)).started())
          .as("on their way already")
          .isEqualTo(20);
      assertThat(one.below.gets.get()).isEqualTo(3);
      one.below.resume();
      await().until(() -> one.engine.prefetch(EngineFixture.NAMESPACE, keys(20)).inMemory() == 20);
      assertThat(one.below.gets.get()).isEqualTo(20);
      await().until(() -> one.strayLeases() == 0);
    }
  }

  @Test
  void readsThatSomebodyWaitsForGoFirst() {
    try (EngineFixture one = EngineFixture.moving(64, 256, bounded(4, 1 << 20, 5))) {
      fill(one, 20, 128);
      one.time.advance(100);
      one.below.stall();
      var reader = one.engine.read(EngineFixture.NAMESPACE, EngineFixture.key(20));
      await().until(() -> one.below.gets.get() == 1);
      one.engine.prefetch(EngineFixture.NAMESPACE, keys(10));
      await().until(() -> one.below.gets.get() == 2);
      one.time.advance(4);
      assertThat(one.below.gets.get()).as("one at a time").isEqualTo(2);
      one.below.resume();
      EngineFixture.contentOf(EngineFixture.join(reader));
      await()
          .until(() -> {
            one.time.advance(5);
            return one.engine.prefetch(EngineFixture.NAMESPACE, keys(10)).inMemory() == 10;
          });
    }
  }

  @Test
  void fetchesThatAreAllRefusedAtOnceEndOneAfterTheOther() {
    int blocks = 3_000;
    try (EngineFixture one = EngineFixture.moving(16, 4_000, bounded(4, Long.MAX_VALUE, 0))) {
      fill(one, blocks, 16);
      one.storage.close();
      PrefetchOutcome outcome = one.engine.prefetch(EngineFixture.NAMESPACE, keys(blocks));
      assertThat(outcome.known()).isEqualTo(blocks);
      assertThat(outcome.started()).isEqualTo(blocks);
      assertThat(one.engine.prefetch(EngineFixture.NAMESPACE, keys(1)).started())
          .as("nothing is under way any more")
          .isEqualTo(1);
    }
  }
}
