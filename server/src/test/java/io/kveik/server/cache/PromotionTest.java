package io.kveik.server.cache;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.kveik.server.block.AckLevel;
import org.junit.jupiter.api.Test;

/** What a cold read leaves in DRAM, by each promotion rule. */
class PromotionTest {
  private static final int DRAM_BLOCKS = 32;
  private static final int STORED = 4 * DRAM_BLOCKS;

  private static EngineFixture scanResistant() {
    EngineFixture one =
        EngineFixture.moving(DRAM_BLOCKS, 64, MovementOptions.UNBOUNDED.with(Promotion.SECOND_USE));
    one.engine.recover();
    for (long id = 1; id <= STORED; id++) {
      one.write(id, 0, AckLevel.SHARED);
    }
    return one;
  }

  private static boolean inDram(EngineFixture one, long id) {
    return one.lookup(id, 1).blocks().getFirst().place() == LookupOutcome.Place.DRAM;
  }

  @Test
  void aScanOfColdBlocksPushesNothingOut() {
    try (EngineFixture one = scanResistant()) {
      long evictions = one.engine.counters().memoryEvictions.sum();
      int cold = STORED - DRAM_BLOCKS;
      for (long id = 1; id <= cold; id++) {
        assertThat(one.read(id)).isEqualTo((byte) id);
      }
      assertThat(one.engine.counters().servedFromBelow.sum()).isPositive();
      assertThat(one.engine.counters().memoryEvictions.sum() - evictions)
          .as("room for what is read at a time, no more")
          .isLessThanOrEqualTo(DRAM_BLOCKS / 4);
      assertThat(inDram(one, STORED)).isTrue();
      // The fetch gives its own back after it has answered.
      await().until(() -> one.strayLeases() == 0);
    }
  }

  @Test
  void theSecondReadPromotes() {
    try (EngineFixture one = scanResistant()) {
      one.read(1);
      one.read(2);
      one.read(3);
      assertThat(inDram(one, 3)).isFalse();
      int gets = one.below.gets.get();
      one.read(3);
      assertThat(inDram(one, 3)).isTrue();
      one.read(3);
      assertThat(one.below.gets.get() - gets).isEqualTo(1);
    }
  }

  @Test
  void aFetchAheadThatWouldNotPromoteIsNotMade() {
    try (EngineFixture one = scanResistant()) {
      one.read(1);
      one.read(2);
      int gets = one.below.gets.get();
      one.engine.prefetch(EngineFixture.NAMESPACE, EngineFixture.key(5));
      assertThat(one.below.gets.get()).isEqualTo(gets);
      assertThat(one.read(5)).isEqualTo((byte) 5);
    }
  }
}
