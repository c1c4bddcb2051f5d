package io.kveik.server.tier.nvme;

import static io.kveik.server.tier.TestBlocks.key;
import static org.assertj.core.api.Assertions.assertThat;

import io.kveik.server.runtime.ManualTime;
import org.junit.jupiter.api.Test;

class WriteBudgetTest {
  private static final long DAY_MILLIS = 24L * 60 * 60 * 1000;

  private final ManualTime time = new ManualTime();

  @Test
  void withoutABoundEverythingIsLetIn() {
    WriteBudget budget = new WriteBudget(0, 1, time);
    for (int number = 0; number < 100; number++) {
      assertThat(budget.admits(key(number), Long.MAX_VALUE / 4)).isTrue();
    }
  }

  @Test
  void overTheBudgetTheSecondOfferIsLetIn() {
    WriteBudget budget = new WriteBudget(24_000, 1_024, time);
    assertThat(budget.admits(key(1), 1_000)).isTrue();
    assertThat(budget.admits(key(2), 10)).isFalse();
    assertThat(budget.admits(key(3), 10)).isFalse();
    assertThat(budget.admits(key(2), 10)).isTrue();
    assertThat(budget.admits(key(2), 10)).as("once only").isFalse();
    time.advance(DAY_MILLIS / 24);
    assertThat(budget.admits(key(4), 10)).isTrue();
  }

  @Test
  void aDayLetsInADaysWorth() {
    WriteBudget budget = new WriteBudget(24_000, 1, time);
    long let = 0;
    for (int step = 0; step < 24 * 60; step++) {
      time.advance(DAY_MILLIS / (24 * 60));
      for (int number = 0; number < 10; number++) {
        let += budget.admits(key(step * 10L + number), 10) ? 10 : 0;
      }
    }
    assertThat(let).isBetween(24_000L, 26_000L);
  }
}
