package io.kveik.server.cache;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.kveik.server.block.AckLevel;
import io.kveik.server.block.BlockRef;
import io.kveik.server.tier.FindOutcome;
import io.kveik.server.tier.TierUsage;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What goes down when DRAM runs short, by each admission rule, over real tiers. */
class DemotionTest {
  private static final int DRAM_BLOCKS = 32;

  private static EngineFixture over(Admission admission) {
    return EngineFixture.demoting(DRAM_BLOCKS, 1_024, admission);
  }

  /** Waits until nothing is on its way down, so that the next write finds room. */
  private static void settle(EngineFixture one) {
    await()
        .pollDelay(Duration.ZERO)
        .pollInterval(Duration.ofMillis(1))
        .until(() -> one.status(1).queuedBlocks() == 0 && one.strayLeases() == 0 && hasRoom(one));
  }

  /** True when the low watermark, two blocks here, is free. */
  private static boolean hasRoom(EngineFixture one) {
    TierUsage dram = one.status(0).usage();
    return dram.capacityBytes() - dram.bytes() >= 2 * (EngineFixture.PAYLOAD + 3);
  }

  @Test
  void nothingGoesDownWhileThereIsRoom() {
    try (EngineFixture one = over(Admission.EVICTION)) {
      for (long id = 1; id <= DRAM_BLOCKS / 2; id++) {
        one.write(id, 0, AckLevel.MEMORY);
      }
      settle(one);
      assertThat(one.below.puts.get()).isZero();
    }
  }

  @Test
  void whatDramEvictsIsFoundBelowInThePoliciesOrder() {
    try (EngineFixture one = over(Admission.EVICTION)) {
      one.engine.recover();
      int blocks = 4 * DRAM_BLOCKS;
      for (long id = 1; id <= blocks; id++) {
        one.write(id, 0, AckLevel.MEMORY);
        settle(one);
      }
      assertThat(one.status(1).dropped()).isZero();
      assertThat(one.engine.status().blocks()).isEqualTo(blocks);
      assertThat(one.lookup(1, blocks).blocks()).hasSize(blocks);
      long above = one.status(0).usage().blocks();
      assertThat(one.below.puts.get()).isEqualTo(blocks - above);
      for (long id = 1; id <= blocks; id++) {
        BlockRef block = new BlockRef(EngineFixture.NAMESPACE, EngineFixture.key(id));
        assertThat(one.below.find(block) instanceof FindOutcome.Found)
            .as("block %d", id)
            .isEqualTo(id <= blocks - above);
      }
    }
  }

  @Test
  void theCopyBelowIsKeptWhenABlockIsPromotedAndNotWrittenAgain() {
    try (EngineFixture one = over(Admission.EVICTION)) {
      one.engine.recover();
      for (int round = 0; round < 3; round++) {
        for (long id = 1; id <= 2 * DRAM_BLOCKS; id++) {
          if (round == 0) {
            one.write(id, 0, AckLevel.MEMORY);
          } else {
            assertThat(one.read(id)).isEqualTo((byte) id);
          }
          settle(one);
        }
      }
      assertThat(one.below.puts.get()).isLessThanOrEqualTo(2 * DRAM_BLOCKS);
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"EVICTION", "SECOND_USE"})
  void aWriteThatAsksForTheLevelGoesAtOnce(Admission admission) {
    try (EngineFixture one = over(admission)) {
      assertThat(one.write(1, 0, AckLevel.SHARED))
          .isInstanceOfSatisfying(
              WriteOutcome.Stored.class,
              stored -> assertThat(stored.reached()).isEqualTo(AckLevel.SHARED));
      assertThat(one.write(2, 0, AckLevel.MEMORY))
          .isInstanceOfSatisfying(
              WriteOutcome.Stored.class,
              stored -> assertThat(stored.reached()).isEqualTo(AckLevel.MEMORY));
      assertThat(one.below.puts.get()).isEqualTo(1);
    }
  }

  @Test
  void onlyWhatWasUsedOrLeftBeforeGoesDownOnSecondUse() {
    try (EngineFixture one = over(Admission.SECOND_USE)) {
      one.engine.recover();
      one.write(1, 0, AckLevel.MEMORY);
      assertThat(one.lookup(1, 1).blocks()).hasSize(1);
      for (long id = 100; id < 100 + 2 * DRAM_BLOCKS; id++) {
        one.write(id, 0, AckLevel.MEMORY);
        settle(one);
      }
      assertThat(one.below.puts.get()).isEqualTo(1);
      assertThat(one.read(1)).isEqualTo((byte) 1);
      assertThat(one.read(100)).isEqualTo(ReadOutcome.Reason.ABSENT);

      one.write(100, 0, AckLevel.MEMORY);
      for (long id = 300; id < 300 + 2 * DRAM_BLOCKS; id++) {
        one.write(id, 0, AckLevel.MEMORY);
        settle(one);
      }
      assertThat(one.read(100)).as("left DRAM for the second time").isEqualTo((byte) 100);
    }
  }

  @Test
  void aBlockOnItsWayDownStaysReadableAndStaysIfItIsUsed() {
    try (EngineFixture one = over(Admission.EVICTION)) {
      one.engine.recover();
      one.below.stall();
      for (long id = 1; id <= DRAM_BLOCKS; id++) {
        one.write(id, 0, AckLevel.MEMORY);
      }
      await().until(() -> one.status(1).queuedBlocks() > 0);
      LookupOutcome found = one.lookup(1, 1);
      assertThat(found.blocks())
          .extracting(LookupOutcome.Found::place)
          .containsExactly(LookupOutcome.Place.DRAM);
      assertThat(one.read(1)).isEqualTo((byte) 1);
      assertThat(one.below.gets.get()).isZero();
      one.below.resume();
      settle(one);
      assertThat(one.read(1)).isEqualTo((byte) 1);
      assertThat(one.below.gets.get()).as("block 1 was used, so it stayed").isZero();
      assertThat(one.read(2)).isEqualTo((byte) 2);
    }
  }

  @Test
  void aStalledTierCostsTheCopyNeverTheWrite() {
    try (EngineFixture one = over(Admission.EVICTION)) {
      one.engine.recover();
      one.below.stall();
      int blocks = 4 * DRAM_BLOCKS;
      for (long id = 1; id <= blocks; id++) {
        assertThat(one.write(id, 0, AckLevel.MEMORY)).isInstanceOf(WriteOutcome.Stored.class);
      }
      assertThat(one.status(1).dropped()).isPositive();
      one.below.resume();
      settle(one);
      EngineStatus status = one.engine.status();
      assertThat(status.blocks() + one.status(1).dropped())
          .as("every block is somewhere or counted as dropped")
          .isEqualTo(blocks);
    }
  }

  /** Writes, lookups and reads from several threads; then each figure must agree. */
  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4})
  void figuresAgreeAfterARush(long seed) {
    try (EngineFixture one = over(seed % 2 == 0 ? Admission.EVICTION : Admission.SECOND_USE)) {
      one.engine.recover();
      List<CompletableFuture<Void>> threads = new ArrayList<>();
      for (int thread = 0; thread < 3; thread++) {
        Random random = new Random(seed * 31 + thread);
        threads.add(
            CompletableFuture.runAsync(() -> {
              for (int step = 0; step < 3_000; step++) {
                long id = 1L + random.nextInt(8 * DRAM_BLOCKS);
                switch (random.nextInt(3)) {
                  case 0 -> one.write(id, 0, AckLevel.MEMORY);
                  case 1 -> one.lookup(id, 1);
                  default -> assertThat(one.read(id)).isNotEqualTo((byte) (id + 1));
                }
              }
            }));
      }
      threads.forEach(CompletableFuture::join);
      settle(one);
      EngineStatus.TierStatus dram = one.status(0);
      assertThat(dram.bodyBytes())
          .as("seed %d", seed)
          .isEqualTo(dram.usage().blocks() * (EngineFixture.PAYLOAD + 3));
      for (long id = 1; id <= 8 * DRAM_BLOCKS; id++) {
        if (one.lookup(id, 1).blocks().size() == 1) {
          assertThat(one.read(id)).as("seed %d block %d", seed, id).isEqualTo((byte) id);
        }
      }
    }
  }
}
