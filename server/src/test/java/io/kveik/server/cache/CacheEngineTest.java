package io.kveik.server.cache;

import static io.kveik.server.cache.EngineFixture.NAMESPACE;
import static io.kveik.server.cache.EngineFixture.OTHER;
import static io.kveik.server.cache.EngineFixture.command;
import static io.kveik.server.cache.EngineFixture.contentOf;
import static io.kveik.server.cache.EngineFixture.join;
import static io.kveik.server.cache.EngineFixture.key;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.kveik.server.block.AckLevel;
import io.kveik.server.cache.LookupOutcome.StopReason;
import io.kveik.server.cache.eviction.LeafFirstLru;
import io.kveik.server.memory.Slab;
import io.kveik.server.tier.dram.DramTier;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What the engine promises, over real tiers, with time under control. */
class CacheEngineTest {
  @Test
  void findsTheLongestPrefixAndSaysWhyItEnds() {
    try (EngineFixture one = new EngineFixture(16, 8, false)) {
      one.write(1, 0, AckLevel.MEMORY);
      one.write(2, 1, AckLevel.MEMORY);
      one.write(4, 3, AckLevel.MEMORY);
      LookupOutcome outcome = one.lookup(1, 4);
      assertThat(outcome.blocks()).extracting(LookupOutcome.Found::label).containsExactly(1L, 2L);
      assertThat(outcome.stop().orElseThrow().blockIndex()).isEqualTo(2);
      assertThat(outcome.stop().orElseThrow().reason()).isEqualTo(StopReason.NEVER_STORED);
      assertThat(one.lookup(1, 2).stop()).isEmpty();
    }
  }

  /** Prefixes that end at and around the bounds of the windows that keys are made in. */
  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void findsTheSamePrefixWhetherKeysAreKnownAheadOrNot(boolean independent) {
    int most = 3 * KeyWindow.CAPACITY;
    try (EngineFixture one = new EngineFixture(most, 8, false)) {
      for (int present = 0; present < most; present++) {
        for (int asked : new int[] {0, present / 2, present, present + 1, most}) {
          Chain chain = EngineFixture.chain(1, asked, independent);
          assertThat(join(one.engine.lookup(NAMESPACE, chain)).blocks())
              .as("asked for %d, %d are there", asked, present)
              .hasSize(Math.min(asked, present))
              .extracting(LookupOutcome.Found::label)
              .isSorted();
        }
        one.write(present + 1, present, AckLevel.MEMORY);
      }
    }
  }

  @Test
  void firstWriterWins() {
    try (EngineFixture one = new EngineFixture(16, 8, false)) {
      join(one.engine.write(command(1, 0, AckLevel.MEMORY, 0, (byte) 11)));
      WriteOutcome second = join(one.engine.write(command(1, 0, AckLevel.MEMORY, 0, (byte) 22)));
      assertThat(second)
          .isInstanceOfSatisfying(
              WriteOutcome.Stored.class, stored -> assertThat(stored.alreadyPresent()).isTrue());
      assertThat(one.read(1)).isEqualTo((byte) 11);
    }
  }

  @Test
  void anotherNamespaceFindsAndReadsNothing() {
    try (EngineFixture one = new EngineFixture(16, 8, true)) {
      one.write(1, 0, AckLevel.SHARED);
      assertThat(join(one.engine.lookup(OTHER, EngineFixture.chain(1, 1))).blocks()).isEmpty();
      assertThat(contentOf(join(one.engine.read(OTHER, key(1)))))
          .isEqualTo(ReadOutcome.Reason.ABSENT);
    }
  }

  @Test
  void wrongChecksumIsRefusedAndNothingIsKept() {
    try (EngineFixture one = new EngineFixture(16, 8, false)) {
      WriteCommand good = command(1, 0, AckLevel.MEMORY);
      WriteCommand bad =
          new WriteCommand(
              good.namespace(),
              good.key(),
              good.label(),
              good.parentLabel(),
              good.tokenCount(),
              good.elementType(),
              good.attributes(),
              good.payload(),
              OptionalInt.of(12345),
              0,
              0,
              AckLevel.MEMORY);
      assertThat(join(one.engine.write(bad))).isInstanceOf(WriteOutcome.ChecksumMismatch.class);
      assertThat(one.read(1)).isEqualTo(ReadOutcome.Reason.ABSENT);
      assertThat(one.slab.liveLeases()).isZero();
    }
  }

  @Test
  void evictedBlocksAreMissesThatSaySo() {
    try (EngineFixture one = new EngineFixture(8, 8, false)) {
      for (long id = 1; id <= 20; id++) {
        one.write(id, 0, AckLevel.MEMORY);
      }
      LookupOutcome.Stop stop = one.lookup(1, 1).stop().orElseThrow();
      assertThat(stop.reason()).isEqualTo(StopReason.EVICTED);
      assertThat(one.read(20)).isEqualTo((byte) 20);
      assertThat(one.engine.status().blocks()).isEqualTo(8);
    }
  }

  @Test
  void ackNamesTheLevelReached() {
    try (EngineFixture one = new EngineFixture(16, 8, true)) {
      assertThat(one.write(1, 0, AckLevel.SHARED))
          .isInstanceOfSatisfying(
              WriteOutcome.Stored.class,
              stored -> assertThat(stored.reached()).isEqualTo(AckLevel.SHARED));
      one.below.stall();
      assertThat(one.write(2, 1, AckLevel.MEMORY))
          .isInstanceOfSatisfying(
              WriteOutcome.Stored.class,
              stored -> assertThat(stored.reached()).isEqualTo(AckLevel.MEMORY));
      CompletableFuture<WriteOutcome> waiting =
          one.engine.write(command(3, 2, AckLevel.SHARED)).toCompletableFuture();
      assertThat(waiting).isNotDone();
      one.time.advance(2_000);
      assertThat(join(waiting))
          .isInstanceOfSatisfying(
              WriteOutcome.Stored.class,
              stored -> assertThat(stored.reached()).isEqualTo(AckLevel.MEMORY));
    }
  }

  @Test
  void brokenTierCostsItsLevelNotTheWrite() {
    try (EngineFixture one = new EngineFixture(16, 8, true)) {
      one.below.broken = true;
      for (long id = 1; id <= 6; id++) {
        assertThat(one.write(id, 0, AckLevel.SHARED))
            .isInstanceOfSatisfying(
                WriteOutcome.Stored.class,
                stored -> assertThat(stored.reached()).isEqualTo(AckLevel.MEMORY));
      }
      int putsWhenDown = one.below.puts.get();
      assertThat(putsWhenDown).as("the breaker keeps the tier out").isLessThan(6);
      one.below.broken = false;
      one.time.advance(1_001);
      one.write(7, 0, AckLevel.SHARED);
      assertThat(one.engine.status().tiers().get(1).down()).isFalse();
    }
  }

  @Test
  void fullQueuePushesBackThenDropsWithACount() {
    try (EngineFixture one = new EngineFixture(64, 2, true)) {
      one.engine.recover();
      one.below.stall();
      one.write(1, 0, AckLevel.MEMORY);
      one.write(2, 0, AckLevel.MEMORY);
      CompletableFuture<WriteOutcome> pushedBack =
          one.engine.write(command(3, 0, AckLevel.MEMORY)).toCompletableFuture();
      assertThat(pushedBack).isNotDone();
      one.time.advance(500);
      assertThat(join(pushedBack)).isInstanceOf(WriteOutcome.Stored.class);
      assertThat(one.engine.status().tiers().get(1).dropped()).isEqualTo(1);
      CompletableFuture<WriteOutcome> admitted =
          one.engine.write(command(4, 0, AckLevel.SHARED)).toCompletableFuture();
      one.below.resume();
      assertThat(join(admitted))
          .isInstanceOfSatisfying(
              WriteOutcome.Stored.class,
              stored -> assertThat(stored.reached()).isEqualTo(AckLevel.SHARED));
      await().until(() -> one.below.usage().blocks() == 3);
      await().until(() -> one.strayLeases() == 0);
    }
  }

  @Test
  void thousandReadersOfOneColdBlockAreOneFetch() {
    try (EngineFixture one = new EngineFixture(8, 8, true)) {
      one.engine.recover();
      one.write(1, 0, AckLevel.SHARED);
      for (long id = 2; id <= 20; id++) {
        one.write(id, 0, AckLevel.SHARED);
      }
      one.below.stall();
      int before = one.below.gets.get();
      List<CompletableFuture<ReadOutcome>> readers = new ArrayList<>();
      for (int i = 0; i < 1_000; i++) {
        readers.add(one.engine.read(NAMESPACE, key(1)).toCompletableFuture());
      }
      one.below.resume();
      for (CompletableFuture<ReadOutcome> reader : readers) {
        assertThat(contentOf(join(reader))).isEqualTo((byte) 1);
      }
      assertThat(one.below.gets.get() - before).isEqualTo(1);
      assertThat(one.engine.counters().sharedFetches.sum()).isEqualTo(999);
      await().until(() -> one.strayLeases() == 0);
    }
  }

  @Test
  void anotherNamespaceDoesNotShareAFetch() {
    try (EngineFixture one = new EngineFixture(8, 8, true)) {
      one.write(1, 0, AckLevel.SHARED);
      CacheEngine restarted = engineOver(one);
      one.below.stall();
      CompletableFuture<ReadOutcome> owner =
          restarted.read(NAMESPACE, key(1)).toCompletableFuture();
      CompletableFuture<ReadOutcome> stranger = restarted.read(OTHER, key(1)).toCompletableFuture();
      one.below.resume();
      assertThat(contentOf(join(owner))).isEqualTo((byte) 1);
      assertThat(contentOf(join(stranger))).isEqualTo(ReadOutcome.Reason.ABSENT);
      restarted.close();
    }
  }

  @Test
  void stalledTierIsAMissWithinTheBudget() {
    try (EngineFixture one = new EngineFixture(8, 8, true)) {
      one.engine.recover();
      for (long id = 1; id <= 20; id++) {
        one.write(id, 0, AckLevel.SHARED);
      }
      one.below.stall();
      CompletableFuture<ReadOutcome> reader =
          one.engine.read(NAMESPACE, key(1)).toCompletableFuture();
      assertThat(reader).isNotDone();
      one.time.advance(1_000);
      assertThat(contentOf(join(reader))).isEqualTo(ReadOutcome.Reason.OVER_BUDGET);
    }
  }

  @Test
  void corruptBlockIsAMissAndRemembered() {
    try (EngineFixture one = new EngineFixture(8, 8, true)) {
      one.engine.recover();
      for (long id = 1; id <= 20; id++) {
        one.write(id, 0, AckLevel.SHARED);
      }
      one.below.rotten = true;
      assertThat(one.read(1)).isEqualTo(ReadOutcome.Reason.CORRUPT);
      assertThat(one.engine.counters().corrupt.sum()).isEqualTo(1);
      assertThat(one.lookup(1, 1).stop().orElseThrow().reason()).isEqualTo(StopReason.CORRUPT);
    }
  }

  @Test
  void blockInADeadTierEndsThePrefixThere() {
    try (EngineFixture one = new EngineFixture(8, 8, true)) {
      one.engine.recover();
      for (long id = 1; id <= 20; id++) {
        one.write(id, 0, AckLevel.SHARED);
      }
      one.below.broken = true;
      for (long id = 1; id <= TierHealth.FAILURES_TO_OPEN; id++) {
        assertThat(one.read(id)).isEqualTo(ReadOutcome.Reason.TIER_DOWN);
      }
      assertThat(one.lookup(1, 1).stop().orElseThrow().reason()).isEqualTo(StopReason.TIER_DOWN);
    }
  }

  @Test
  void blocksFromBeforeAreFoundWhileTheTierIsStillBeingListed() {
    try (EngineFixture one = new EngineFixture(16, 8, true)) {
      one.write(1, 0, AckLevel.SHARED);
      one.write(2, 1, AckLevel.SHARED);
      CacheEngine restarted = engineOver(one);
      assertThat(join(restarted.lookup(NAMESPACE, EngineFixture.chain(1, 3))).blocks()).hasSize(2);
      assertThat(one.below.finds.get()).isEqualTo(3);
      assertThat(contentOf(join(restarted.read(NAMESPACE, key(2))))).isEqualTo((byte) 2);
      assertThat(restarted.recover()).isZero();
      assertThat(join(restarted.lookup(NAMESPACE, EngineFixture.chain(5, 1))).blocks()).isEmpty();
      assertThat(one.below.finds.get()).as("once listed, the index knows").isEqualTo(3);
      restarted.close();
    }
  }

  @Test
  void nothingIsMissedWhileTheListingEnds() throws InterruptedException {
    int blocks = 4;
    try (EngineFixture one = new EngineFixture(16, 8, true)) {
      for (long id = 1; id <= blocks; id++) {
        one.write(id, id - 1, AckLevel.SHARED);
      }
      for (int round = 0; round < 500; round++) {
        CacheEngine restarted = engineOver(one);
        Thread listing = Thread.ofPlatform().start(restarted::recover);
        do {
          assertThat(join(restarted.lookup(NAMESPACE, EngineFixture.chain(1, blocks))).blocks())
              .as("round %d", round)
              .hasSize(blocks);
          assertThat(contentOf(join(restarted.read(NAMESPACE, key(blocks)))))
              .as("round %d", round)
              .isEqualTo((byte) blocks);
        } while (listing.isAlive());
        listing.join();
        restarted.close();
      }
    }
  }

  /** Another engine over the same lower tier, as after a restart. */
  private static CacheEngine engineOver(EngineFixture one) {
    return new CacheEngine(
        DramTier.transfer(Slab.anonymous(1 << 20)),
        List.of(new CacheEngine.Below(one.below, AckLevel.SHARED, Long.MAX_VALUE)),
        LeafFirstLru::new,
        new EngineOptions(64, 100, 4, 1_000, 500, 2_000, 8, 1 << 20, 1, 1_000, false),
        one.storage,
        one.time,
        one.time);
  }

  @Test
  void lookupThatATierKeepsWaitingAnswersWithWhatItHas() {
    try (EngineFixture one = new EngineFixture(16, 8, true)) {
      one.write(1, 0, AckLevel.SHARED);
      one.below.stall();
      CompletableFuture<LookupOutcome> lookup =
          one.engine.lookup(NAMESPACE, EngineFixture.chain(1, 2)).toCompletableFuture();
      assertThat(lookup).isNotDone();
      one.time.advance(100);
      assertThat(join(lookup).blocks()).hasSize(1);
      assertThat(join(lookup).stop().orElseThrow().reason()).isEqualTo(StopReason.OVER_BUDGET);
    }
  }

  @Test
  void timeToLiveEndsByTheMonotonicClockAlone() {
    try (EngineFixture one = new EngineFixture(16, 8, true)) {
      one.engine.recover();
      join(one.engine.write(command(1, 0, AckLevel.SHARED, 10_000, (byte) 1)));
      one.time.jumpWall(24L * 60 * 60 * 1_000);
      assertThat(one.read(1)).isEqualTo((byte) 1);
      one.time.advance(9_000);
      assertThat(one.lookup(1, 1).blocks()).hasSize(1);
      one.time.advance(1_000);
      await().until(() -> one.below.usage().blocks() == 0);
      assertThat(one.read(1)).isIn(ReadOutcome.Reason.EXPIRED, ReadOutcome.Reason.ABSENT);
      assertThat(one.lookup(1, 1).stop().orElseThrow().reason()).isEqualTo(StopReason.EXPIRED);
      join(one.engine.write(command(1, 0, AckLevel.MEMORY, 0, (byte) 2)));
      assertThat(one.read(1)).isEqualTo((byte) 2);
    }
  }

  @Test
  void lowerTierStaysWithinItsCapacity() {
    long blocks = 10;
    long capacity = blocks * (EngineFixture.PAYLOAD + 192);
    try (EngineFixture one = new EngineFixture(64, 64, true, capacity)) {
      for (long id = 1; id <= 40; id++) {
        one.write(id, 0, AckLevel.SHARED);
      }
      assertThat(one.below.usage().bytes()).isLessThanOrEqualTo(capacity);
      assertThat(one.engine.status().tiers().get(1).evictions()).isGreaterThanOrEqualTo(29);
    }
  }

  @Test
  void blockThatIsTooLargeEvictsNothing() {
    try (EngineFixture one = new EngineFixture(3, 8, false)) {
      assertThat(one.write(2, 0, AckLevel.MEMORY)).isInstanceOf(WriteOutcome.Busy.class);
      assertThat(one.engine.counters().memoryEvictions.sum()).isZero();
    }
  }
}
