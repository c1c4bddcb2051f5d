package io.kveik.server.cache;

import static io.kveik.server.cache.EngineFixture.NAMESPACE;
import static io.kveik.server.cache.EngineFixture.OTHER;
import static io.kveik.server.cache.EngineFixture.PAYLOAD;
import static io.kveik.server.cache.EngineFixture.join;
import static io.kveik.server.cache.EngineFixture.key;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.kveik.server.block.AckLevel;
import io.kveik.server.cache.ControlOutcome.ControlTally;
import io.kveik.server.cache.LookupOutcome.StopReason;
import io.kveik.server.cache.eviction.LeafFirstLru;
import io.kveik.server.memory.Slab;
import io.kveik.server.tier.dram.DramTier;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Deleted blocks are gone from every tier when the call returns, whatever is under way. */
@Timeout(120)
class BlockDeletionTest {
  private static final long BODY = PAYLOAD + 3;

  static Selector blocks(long... ids) {
    return new Selector.Blocks(LongStream.of(ids).mapToObj(EngineFixture::key).toList());
  }

  private static ControlTally done(CompletionStage<ControlOutcome> outcome) {
    ControlOutcome joined = join(outcome);
    assertThat(joined).isInstanceOf(ControlOutcome.Done.class);
    return joined.tally();
  }

  static ControlTally delete(CacheEngine engine, Selector selector) {
    return done(engine.control().delete(NAMESPACE, selector, () -> false));
  }

  static void assertNothingKept(EngineFixture one) {
    await().until(() -> one.strayLeases() == 0);
    EngineStatus status = one.engine.status();
    assertThat(status.blocks()).isZero();
    assertThat(status.namespaces()).isZero();
    assertThat(status.tiers())
        .allSatisfy(tier -> {
          assertThat(tier.usage().blocks()).isZero();
          assertThat(tier.bodyBytes()).isZero();
        });
  }

  @Test
  void namedBlocksLeaveEveryTier() {
    try (EngineFixture one = new EngineFixture(16, 8, true)) {
      for (long id = 1; id <= 4; id++) {
        one.write(id, id - 1, AckLevel.SHARED);
      }
      assertThat(delete(one.engine, blocks(3, 4, 99)))
          .isEqualTo(new ControlTally(2, 2, 2 * BODY, List.of()));
      assertThat(one.read(3)).isEqualTo(ReadOutcome.Reason.ABSENT);
      assertThat(one.read(4)).isEqualTo(ReadOutcome.Reason.ABSENT);
      LookupOutcome found = one.lookup(1, 4);
      assertThat(found.blocks()).hasSize(2);
      assertThat(found.stop().orElseThrow().reason()).isEqualTo(StopReason.DELETED);
      assertThat(one.below.usage().blocks()).isEqualTo(2);
      assertThat(delete(one.engine, blocks(1, 2)).changed()).isEqualTo(2);
      assertNothingKept(one);
    }
  }

  /** What makes room may come back, which costs a tier less than what must not. */
  @Test
  void onlyDeletedBlocksLeaveForGood() {
    try (EngineFixture one = new EngineFixture(16, 8, true, 4L * BODY)) {
      for (long id = 1; id <= 8; id++) {
        one.write(id, id - 1, AckLevel.SHARED);
      }
      await().until(() -> one.below.usage().bytes() <= 4L * BODY);
      int evicted = one.below.evictions.get();
      assertThat(evicted).isPositive();
      assertThat(one.below.removals).hasValue(0);
      delete(one.engine, blocks(1, 2, 3));
      assertThat(one.below.removals).hasValue(3);
      assertThat(one.below.evictions).hasValue(evicted);
    }
  }

  @Test
  void anotherNamespaceKeepsABlockOfTheSameName() {
    try (EngineFixture one = new EngineFixture(16, 8, true)) {
      one.write(1, 0, AckLevel.SHARED);
      assertThat(done(one.engine.control().delete(OTHER, new Selector.Everything(), () -> false)))
          .isEqualTo(ControlTally.NONE);
      assertThat(one.read(1)).isEqualTo((byte) 1);
    }
  }

  @Test
  void deletedBlockCanBeStoredAgain() {
    try (EngineFixture one = new EngineFixture(16, 8, true)) {
      one.write(1, 0, AckLevel.SHARED);
      delete(one.engine, blocks(1));
      WriteOutcome again =
          join(one.engine.write(EngineFixture.command(1, 0, AckLevel.SHARED, 0, (byte) 7)));
      assertThat(again)
          .isInstanceOfSatisfying(
              WriteOutcome.Stored.class,
              stored -> {
                assertThat(stored.reached()).isEqualTo(AckLevel.SHARED);
                assertThat(stored.alreadyPresent()).isFalse();
              });
      assertThat(one.read(1)).isEqualTo((byte) 7);
    }
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6})
  void prefixTakesWhatContinuesItAndNothingElse(long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    try (EngineFixture one = new EngineFixture(2_500, 8, false)) {
      int count = 2_000;
      long[] parents = new long[count + 1];
      for (int id = 1; id <= count; id++) {
        parents[id] = id == 1 ? 0 : Math.max(0, id - 1 - random.nextInt(40));
        one.write(id, parents[id], AckLevel.MEMORY);
      }
      long root = 1L + random.nextInt(count / 2);
      Set<Long> expected = new HashSet<>(List.of(root));
      for (long id = root + 1; id <= count; id++) {
        if (expected.contains(parents[(int) id])) {
          expected.add(id);
        }
      }
      ControlTally tally = delete(one.engine, new Selector.Prefix(key(root), root));
      assertThat(tally.changed()).isEqualTo(expected.size());
      for (long id = 1; id <= count; id++) {
        assertThat(one.engine.holds(NAMESPACE, key(id)))
            .as("block %d below %d", id, root)
            .isEqualTo(!expected.contains(id));
      }
      assertThat(delete(one.engine, new Selector.Everything()).changed())
          .isEqualTo(count - expected.size());
      assertNothingKept(one);
    }
  }

  @Test
  void prefixIsFoundByItsLabelWhenItsBlockHasGone() {
    try (EngineFixture one = new EngineFixture(16, 8, false)) {
      for (long id = 1; id <= 4; id++) {
        one.write(id, id - 1, AckLevel.MEMORY);
      }
      delete(one.engine, blocks(2));
      assertThat(delete(one.engine, new Selector.Prefix(key(2), 2)).changed()).isEqualTo(2);
      assertThat(one.lookup(1, 4).blocks()).hasSize(1);
    }
  }

  @Test
  void chainIsDeletedAsFarAsItIsCached() {
    try (EngineFixture one = new EngineFixture(16, 8, false)) {
      for (long id = 1; id <= 4; id++) {
        one.write(id, id - 1, AckLevel.MEMORY);
      }
      Chain longer = EngineFixture.chain(1, 6, false);
      assertThat(delete(one.engine, new Selector.PrefixOfChain(longer)).changed()).isZero();
      Chain first = EngineFixture.chain(1, 2, false);
      assertThat(delete(one.engine, new Selector.PrefixOfChain(first)).changed()).isEqualTo(3);
      assertThat(delete(one.engine, new Selector.OfChain(longer)).changed()).isEqualTo(1);
      assertNothingKept(one);
    }
  }

  @Test
  void queuedBlockIsNotWrittenBehindTheDeletion() {
    try (EngineFixture one = new EngineFixture(16, 8, true)) {
      one.below.stall();
      List<CompletionStage<WriteOutcome>> writes = new ArrayList<>();
      for (long id = 1; id <= 4; id++) {
        writes.add(one.engine.write(EngineFixture.command(id, id - 1, AckLevel.MEMORY)));
      }
      // The first is being put and holds its key's lock; the others wait in the queue.
      CompletionStage<ControlOutcome> deletion =
          one.engine.control().delete(NAMESPACE, new Selector.Everything(), () -> false);
      CompletionStage<ControlOutcome> queued =
          one.engine.control().delete(NAMESPACE, blocks(2, 3, 4), () -> false);
      one.below.resume();
      done(deletion);
      done(queued);
      writes.forEach(EngineFixture::join);
      await().until(() -> one.engine.status().tiers().get(1).queuedBlocks() == 0);
      assertNothingKept(one);
    }
  }

  @Test
  void fetchUnderWayBringsNothingBack() {
    try (EngineFixture one = new EngineFixture(4, 8, true)) {
      one.write(1, 0, AckLevel.SHARED);
      for (long id = 11; id < 20; id++) {
        one.write(id, 0, AckLevel.SHARED);
      }
      one.engine.recover();
      one.below.stall();
      CompletableFuture<ReadOutcome> before =
          one.engine.read(NAMESPACE, key(1)).toCompletableFuture();
      await().until(() -> one.below.gets.get() > 0);
      delete(one.engine, blocks(1));
      CompletableFuture<ReadOutcome> after =
          one.engine.read(NAMESPACE, key(1)).toCompletableFuture();
      one.below.resume();
      assertThat(EngineFixture.contentOf(join(before))).isEqualTo(ReadOutcome.Reason.ABSENT);
      assertThat(EngineFixture.contentOf(join(after))).isEqualTo(ReadOutcome.Reason.ABSENT);
      assertThat(one.read(1)).isEqualTo(ReadOutcome.Reason.ABSENT);
      delete(one.engine, new Selector.Everything());
      assertNothingKept(one);
    }
  }

  @Test
  void readerKeepsWhatItHasLeased() {
    try (EngineFixture one = new EngineFixture(16, 8, true)) {
      one.write(1, 0, AckLevel.SHARED);
      ReadOutcome read = join(one.engine.read(NAMESPACE, key(1)));
      delete(one.engine, blocks(1));
      assertThat(one.read(1)).isEqualTo(ReadOutcome.Reason.ABSENT);
      assertThat(EngineFixture.contentOf(read)).isEqualTo((byte) 1);
      assertNothingKept(one);
    }
  }

  @Test
  void tierThatIsDownOwesTheRemovalAndMakesItLater() {
    MemoryJournal<OwedRemoval> log = new MemoryJournal<>();
    try (EngineFixture one = new EngineFixture(16, 8, true, log)) {
      for (long id = 1; id <= 3; id++) {
        one.write(id, id - 1, AckLevel.SHARED);
      }
      one.engine.recover();
      one.below.broken = true;
      assertThat(delete(one.engine, blocks(2, 3)).owing()).containsExactly("faulty");
      assertThat(Set.copyOf(log.recovered())).hasSize(2);
      assertThat(one.read(2)).isEqualTo(ReadOutcome.Reason.ABSENT);
      one.below.broken = false;
      assertThat(one.read(2)).isEqualTo(ReadOutcome.Reason.ABSENT);
      assertThat(one.below.usage().blocks()).isEqualTo(3);
      one.time.advance(1_000);
      await().until(() -> log.recovered().isEmpty());
      assertThat(one.engine.control().owedRemovals()).isZero();
      assertThat(one.below.usage().blocks()).isEqualTo(1);
      assertThat(one.read(1)).isEqualTo((byte) 1);
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void whatATierOwesStaysUnreadableAfterARestart(boolean wholeNamespace) {
    MemoryJournal<OwedRemoval> log = new MemoryJournal<>();
    try (EngineFixture one = new EngineFixture(16, 8, true, log)) {
      one.write(1, 0, AckLevel.SHARED);
      one.write(2, 1, AckLevel.SHARED);
      one.engine.recover();
      one.below.broken = true;
      delete(one.engine, wholeNamespace ? new Selector.Everything() : blocks(1, 2));
      one.below.broken = false;
      try (CacheEngine restarted = engineOver(one, log)) {
        assertThat(readOf(restarted, 1)).isEqualTo(ReadOutcome.Reason.ABSENT);
        assertThat(join(restarted.lookup(NAMESPACE, EngineFixture.chain(1, 2))).blocks()).isEmpty();
        assertThat(restarted.recover()).isZero();
        assertThat(readOf(restarted, 2)).isEqualTo(ReadOutcome.Reason.ABSENT);
        one.time.advance(1_000);
        await().until(() -> log.recovered().isEmpty());
        assertThat(one.below.usage().blocks()).isZero();
      }
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void blockStoredAgainOutlivesAnOldDebt(boolean wholeNamespace) {
    MemoryJournal<OwedRemoval> log = new MemoryJournal<>();
    try (EngineFixture one = new EngineFixture(16, 8, true, log)) {
      one.write(1, 0, AckLevel.SHARED);
      one.write(2, 1, AckLevel.SHARED);
      one.engine.recover();
      one.below.broken = true;
      delete(one.engine, wholeNamespace ? new Selector.Everything() : blocks(1, 2));
      one.below.broken = false;
      WriteOutcome again =
          join(one.engine.write(EngineFixture.command(1, 0, AckLevel.SHARED, 0, (byte) 9)));
      assertThat(((WriteOutcome.Stored) again).reached()).isEqualTo(AckLevel.SHARED);
      // The debt is older than the block: neither a restart nor its settling may take the block.
      try (CacheEngine restarted = engineOver(one, log)) {
        assertThat(restarted.recover()).isEqualTo(1);
        assertThat(readOf(restarted, 1)).isEqualTo((byte) 9);
        one.time.advance(1_000);
        await().until(() -> log.recovered().isEmpty());
        assertThat(readOf(restarted, 1)).isEqualTo((byte) 9);
        assertThat(one.below.usage().blocks()).isEqualTo(1);
      }
    }
  }

  @Test
  void blockOfAServerWhoseClockIsAheadIsDeletedToo() {
    MemoryJournal<OwedRemoval> log = new MemoryJournal<>();
    try (EngineFixture one = new EngineFixture(16, 8, true, log)) {
      one.time.jumpWall(2_000);
      one.write(1, 0, AckLevel.SHARED);
      one.time.jumpWall(-2_000);
      try (CacheEngine other = engineOver(one, log)) {
        assertThat(readOf(other, 1)).isEqualTo((byte) 1);
        one.below.broken = true;
        delete(other, blocks(1));
        one.below.broken = false;
        assertThat(readOf(other, 1)).isEqualTo(ReadOutcome.Reason.ABSENT);
      }
    }
  }

  @Test
  void blockStoredByARunWhoseClockWasSetBackOutlivesAnOldDebt() {
    MemoryJournal<OwedRemoval> log = new MemoryJournal<>();
    try (EngineFixture one = new EngineFixture(16, 8, true, log)) {
      one.write(1, 0, AckLevel.SHARED);
      one.engine.recover();
      one.below.broken = true;
      delete(one.engine, blocks(1));
      one.below.broken = false;
      one.time.jumpWall(-60_000);
      try (CacheEngine restarted = engineOver(one, log)) {
        WriteOutcome again =
            join(restarted.write(EngineFixture.command(1, 0, AckLevel.SHARED, 0, (byte) 9)));
        assertThat(((WriteOutcome.Stored) again).reached()).isEqualTo(AckLevel.SHARED);
      }
      try (CacheEngine restarted = engineOver(one, log)) {
        assertThat(restarted.recover()).isEqualTo(1);
        assertThat(readOf(restarted, 1)).isEqualTo((byte) 9);
      }
    }
  }

  @Test
  void namespaceDeletedWhileATierIsNotListedStaysDeletedOnceItIs() {
    MemoryJournal<OwedRemoval> log = new MemoryJournal<>();
    try (EngineFixture one = new EngineFixture(16, 8, true, log)) {
      one.write(1, 0, AckLevel.SHARED);
      one.write(2, 1, AckLevel.SHARED);
      try (CacheEngine restarted = engineOver(one, log)) {
        delete(restarted, new Selector.Everything());
        assertThat(readOf(restarted, 2)).isEqualTo(ReadOutcome.Reason.ABSENT);
        assertThat(restarted.recover()).isZero();
        one.time.advance(1_000);
        await().until(() -> log.recovered().isEmpty());
        assertThat(one.below.usage().blocks()).isZero();
      }
    }
  }

  @Test
  void prefixIsRefusedWhileATierIsNotListed() {
    try (EngineFixture one = new EngineFixture(16, 8, true)) {
      one.write(1, 0, AckLevel.SHARED);
      assertThat(
              join(
                  one.engine
                      .control()
                      .delete(NAMESPACE, new Selector.Prefix(key(1), 1), () -> false)))
          .isInstanceOfSatisfying(
              ControlOutcome.Refused.class,
              refused -> assertThat(refused.limit()).isEqualTo("tiers.faulty"));
      assertThat(one.read(1)).isEqualTo((byte) 1);
    }
  }

  @Test
  void debtsAreBounded() {
    try (EngineFixture one = new EngineFixture(16, 8, true)) {
      for (long id = 1; id <= 3; id++) {
        one.write(id, 0, AckLevel.SHARED);
      }
      one.engine.recover();
      one.below.broken = true;
      assertThat(delete(one.engine, blocks(LongStream.range(0, 1_000).toArray())).owing())
          .isNotEmpty();
      assertThat(join(one.engine.control().delete(NAMESPACE, blocks(2_000), () -> false)))
          .isInstanceOfSatisfying(
              ControlOutcome.Refused.class,
              refused -> assertThat(refused.limit()).isEqualTo("limits.owed-removals"));
    }
  }

  @Test
  void callerThatNoLongerWaitsStopsTheDeletion() {
    try (EngineFixture one = new EngineFixture(16, 8, false)) {
      one.write(1, 0, AckLevel.MEMORY);
      assertThat(join(one.engine.control().delete(NAMESPACE, blocks(1), () -> true)))
          .isInstanceOf(ControlOutcome.Stopped.class);
      assertThat(one.read(1)).isEqualTo((byte) 1);
    }
  }

  private static Object readOf(CacheEngine engine, long id) {
    return EngineFixture.contentOf(join(engine.read(NAMESPACE, key(id))));
  }

  /** Another engine over the same lower tier and log, as after a restart. */
  private static CacheEngine engineOver(EngineFixture one, Journal<OwedRemoval> log) {
    return new CacheEngine(
        DramTier.transfer(Slab.anonymous(1 << 20)),
        List.of(new CacheEngine.Below(one.below, AckLevel.SHARED, Long.MAX_VALUE)),
        LeafFirstLru::new,
        EngineFixture.options(8),
        ControlOptions.small(1 << 20),
        log,
        KeptSettings.forgetful(),
        one.storage,
        one.time,
        one.time);
  }
}
