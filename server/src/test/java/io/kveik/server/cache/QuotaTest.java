package io.kveik.server.cache;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.kveik.server.block.AckLevel;
import io.kveik.server.block.BlockRef;
import io.kveik.server.tier.FindOutcome;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A namespace that may have less of DRAM than there is. */
class QuotaTest {
  private static final int DRAM = 12;
  private static final int QUOTA = 4;

  @ParameterizedTest
  @EnumSource(names = {"WRITE", "EVICTION"})
  void whatIsOverTheQuotaPushesOutTheNamespacesOwnAndIsFoundBelow(Admission admission) {
    try (EngineFixture one = EngineFixture.withQuota(DRAM, QUOTA, admission)) {
      for (long id = 1; id <= 10; id++) {
        assertThat(one.write(id, 0, AckLevel.MEMORY)).isInstanceOf(WriteOutcome.Stored.class);
        long stored = id;
        // What is written behind can't go before it is written.
        await().until(() -> settled(one, admission, stored));
      }
      assertThat(one.status(0).usage().blocks()).isEqualTo(QUOTA);
      for (long id = 1; id <= 10; id++) {
        assertThat(one.read(id)).as("block %d", id).isEqualTo((byte) id);
      }
      await().until(() -> one.status(0).usage().blocks() == QUOTA);
      assertThat(one.status(0).bodyBytes()).isEqualTo((long) QUOTA * EngineFixture.BODY);
    }
  }

  @Test
  void aWriteIsRefusedWhenNothingOfTheNamespaceCanGo() {
    try (EngineFixture one = EngineFixture.withQuota(DRAM, QUOTA, Admission.WRITE)) {
      one.below.stall();
      for (long id = 1; id <= QUOTA; id++) {
        assertThat(one.write(id, 0, AckLevel.MEMORY)).isInstanceOf(WriteOutcome.Stored.class);
      }
      assertThat(one.write(QUOTA + 1, 0, AckLevel.MEMORY))
          .isInstanceOfSatisfying(
              WriteOutcome.Busy.class,
              busy -> assertThat(busy.limit()).isEqualTo("namespace.quota-percent"));
      assertThat(one.status(0).usage().blocks()).isEqualTo(QUOTA);
      one.below.resume();
      await().until(() -> one.status(1).queuedBlocks() == 0);
      await().until(() -> one.write(QUOTA + 1, 0, AckLevel.MEMORY) instanceof WriteOutcome.Stored);
    }
  }

  @Test
  void pinsOfItsOwnGiveWay() {
    try (EngineFixture one = EngineFixture.withQuota(DRAM, 2, Admission.EVICTION)) {
      for (long id = 1; id <= 2; id++) {
        one.write(id, 0, AckLevel.MEMORY);
      }
      EngineFixture.join(
          one.engine
              .control()
              .pin(
                  EngineFixture.NAMESPACE,
                  new Selector.Blocks(List.of(EngineFixture.key(1), EngineFixture.key(2))),
                  () -> false));
      assertThat(one.engine.control().pinnedBlocks()).isEqualTo(2);
      assertThat(one.write(3, 0, AckLevel.MEMORY)).isInstanceOf(WriteOutcome.Stored.class);
      assertThat(one.engine.control().pinnedBlocks()).isEqualTo(1);
    }
  }

  private static boolean settled(EngineFixture one, Admission admission, long id) {
    return one.status(1).queuedBlocks() == 0
        && one.status(0).usage().blocks() <= QUOTA
        && (admission != Admission.WRITE
            || one.below.find(new BlockRef(EngineFixture.NAMESPACE, EngineFixture.key(id)))
                instanceof FindOutcome.Found);
  }
}
