package io.kveik.server.cache.eviction;

import static org.assertj.core.api.Assertions.assertThat;

import io.kveik.server.memory.RecordMemory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class LogRetentionTest {
  private static final int BLOCK = 3;

  private final RecordMemory memory = RecordMemory.open();
  private final LogRetention retention = new LogRetention(memory);

  @AfterEach
  void close() {
    memory.close();
  }

  @Test
  void whatNobodyUsedSinceItWasWrittenIsNotKept() {
    retention.inserted(BLOCK, new BlockTraits());
    pass(100);
    assertThat(retention.keep(BLOCK)).isFalse();
  }

  @Test
  void whatWasUsedInTheYoungerHalfIsKept() {
    retention.inserted(BLOCK, new BlockTraits());
    pass(51);
    retention.touched(BLOCK);
    pass(49);
    assertThat(retention.keep(BLOCK)).isTrue();
  }

  @Test
  void whatWasUsedInTheOlderHalfIsNot() {
    retention.inserted(BLOCK, new BlockTraits());
    pass(50);
    retention.touched(BLOCK);
    pass(50);
    assertThat(retention.keep(BLOCK)).isFalse();
  }

  @Test
  void whatWasKeptCountsAsWrittenAnew() {
    retention.inserted(BLOCK, new BlockTraits());
    pass(100);
    retention.touched(BLOCK);
    assertThat(retention.keep(BLOCK)).isTrue();
    pass(1);
    assertThat(retention.keep(BLOCK)).isFalse();
  }

  @Test
  void anIdThatIsUsedAgainBeginsAnew() {
    retention.inserted(BLOCK, new BlockTraits());
    pass(100);
    retention.touched(BLOCK);
    retention.evicted(BLOCK, 0);
    retention.inserted(BLOCK, new BlockTraits());
    pass(10);
    assertThat(retention.keep(BLOCK)).isFalse();
  }

  private void pass(int requests) {
    for (int i = 0; i < requests; i++) {
      retention.requested();
    }
  }
}
