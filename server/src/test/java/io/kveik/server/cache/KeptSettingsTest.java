package io.kveik.server.cache;

import static io.kveik.server.cache.EngineFixture.NAMESPACE;
import static io.kveik.server.cache.EngineFixture.OTHER;
import static io.kveik.server.cache.EngineFixture.join;
import static io.kveik.server.cache.EngineFixture.key;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.kveik.server.block.AckLevel;
import io.kveik.server.block.BlockRef;
import io.kveik.server.block.TtlKind;
import io.kveik.server.cache.QueryOutcome.Detail;
import io.kveik.server.cache.QueryOutcome.Ttl;
import io.kveik.server.cache.eviction.LeafFirstLru;
import io.kveik.server.memory.Slab;
import io.kveik.server.tier.TestBlocks;
import io.kveik.server.tier.dram.DramTier;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SplittableRandom;
import java.util.concurrent.CompletionStage;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What control operations have set is there after a restart, for the blocks that are there. */
@Timeout(60)
class KeptSettingsTest {
  private static final Selector ALL = new Selector.Everything();
  private static final long RETRY_MILLIS = 1_000;

  private final MemoryJournal<KeptSetting> journal = new MemoryJournal<>();

  private EngineFixture first() {
    return new EngineFixture(64, 64, true, kept());
  }

  private KeptSettings kept() {
    return new KeptSettings(journal, 1_000);
  }

  /** Another engine over the same lower tier and journal, as after a restart. */
  private CacheEngine restarted(EngineFixture one) {
    return restarted(one, ControlOptions.small(1 << 20));
  }

  private CacheEngine restarted(EngineFixture one, ControlOptions control) {
    CacheEngine engine =
        new CacheEngine(
            DramTier.transfer(Slab.anonymous(1 << 20)),
            List.of(new CacheEngine.Below(one.below, AckLevel.SHARED, Long.MAX_VALUE)),
            LeafFirstLru::new,
            EngineFixture.options(8),
            control,
            Journal.forgetful(),
            kept(),
            one.storage,
            one.time,
            one.time);
    engine.recover();
    return engine;
  }

  private static Selector blocks(long... ids) {
    return new Selector.Blocks(LongStream.of(ids).mapToObj(EngineFixture::key).toList());
  }

  private static long changed(CompletionStage<ControlOutcome> outcome) {
    ControlOutcome joined = join(outcome);
    assertThat(joined).isInstanceOf(ControlOutcome.Done.class);
    return joined.tally().changed();
  }

  private static long priority(CacheEngine engine, Selector selector, int level) {
    return changed(engine.control().setPriority(NAMESPACE, selector, level, () -> false));
  }

  private static void ttl(CacheEngine engine, Selector selector, TtlKind kind, long millis) {
    changed(engine.control().setTtl(NAMESPACE, selector, kind, millis, () -> false));
  }

  private static void delete(CacheEngine engine, Selector selector) {
    changed(engine.control().delete(NAMESPACE, selector, () -> false));
  }

  private static Map<Long, Detail> query(CacheEngine engine) {
    QueryOutcome.Page page =
        (QueryOutcome.Page) join(engine.control().query(NAMESPACE, ALL, 0, 1_000, () -> false));
    Map<Long, Detail> byLabel = new HashMap<>();
    page.blocks().forEach(detail -> byLabel.put(detail.label(), detail));
    return byLabel;
  }

  private static Detail described(CacheEngine engine, long id) {
    return Objects.requireNonNull(query(engine).get(id), () -> "block " + id);
  }

  private static Map<Long, Integer> priorities(Map<Long, Detail> blocks) {
    Map<Long, Integer> priorities = new HashMap<>();
    blocks.forEach((id, detail) -> priorities.put(id, detail.priority()));
    return priorities;
  }

  private static Map<Long, Ttl> ttls(Map<Long, Detail> blocks) {
    Map<Long, Ttl> ttls = new HashMap<>();
    blocks.forEach((id, detail) -> ttls.put(id, detail.ttl()));
    return ttls;
  }

  @Test
  void eachSettingOfABlockHoldsAfterARestart() {
    try (EngineFixture one = first()) {
      for (long id = 1; id <= 6; id++) {
        one.write(id, 0, AckLevel.SHARED);
      }
      priority(one.engine, blocks(1), 3);
      ttl(one.engine, blocks(2), TtlKind.ABSOLUTE, 5_000);
      ttl(one.engine, blocks(3), TtlKind.LAST_USE, 5_000);
      ttl(one.engine, blocks(4), TtlKind.FIRST_USE, 5_000);
      priority(one.engine, blocks(4), 2);
      one.time.advance(2_000);
      try (CacheEngine next = restarted(one)) {
        assertThat(described(next, 1).priority()).isEqualTo(3);
        assertThat(described(next, 2).ttl()).isEqualTo(new Ttl.Left(TtlKind.ABSOLUTE, 3_000));
        assertThat(described(next, 3).ttl()).isEqualTo(new Ttl.Left(TtlKind.LAST_USE, 5_000));
        assertThat(described(next, 4).ttl()).isEqualTo(new Ttl.Waiting());
        assertThat(described(next, 4).priority()).isEqualTo(2);
        assertThat(described(next, 5).priority()).isZero();
        assertThat(described(next, 5).ttl()).isEqualTo(new Ttl.None());
      }
    }
  }

  @Test
  void aTtlGoesOnWhileTheServerIsDown() {
    try (EngineFixture one = first()) {
      join(one.engine.write(EngineFixture.command(1, 0, AckLevel.SHARED, 1_000, (byte) 1)));
      one.write(2, 0, AckLevel.SHARED);
      ttl(one.engine, blocks(1), TtlKind.ABSOLUTE, 0);
      ttl(one.engine, blocks(2), TtlKind.ABSOLUTE, 1_000);
      one.time.advance(1_500);
      try (CacheEngine next = restarted(one)) {
        assertThat(query(next)).containsOnlyKeys(1L);
        assertThat(described(next, 1).ttl()).isEqualTo(new Ttl.None());
      }
    }
  }

  /** Of what they were written with; nothing was set. */
  @Test
  void livesByUseCountAnewFromARestart() {
    try (EngineFixture one = first()) {
      for (TtlKind kind : TtlKind.values()) {
        WriteCommand command =
            EngineFixture.command(1L + kind.code(), 0, AckLevel.SHARED, 5_000, (byte) 1);
        join(one.engine.write(withTtlKind(command, kind)));
      }
      one.time.advance(3_000);
      one.lookup(2, 1);
      one.lookup(3, 1);
      assertThat(described(one.engine, 1).ttl()).isEqualTo(new Ttl.Left(TtlKind.ABSOLUTE, 2_000));
      assertThat(described(one.engine, 2).ttl()).isEqualTo(new Ttl.Left(TtlKind.LAST_USE, 5_000));
      assertThat(described(one.engine, 3).ttl()).isEqualTo(new Ttl.Left(TtlKind.FIRST_USE, 5_000));
      try (CacheEngine next = restarted(one)) {
        assertThat(described(next, 1).ttl()).isEqualTo(new Ttl.Left(TtlKind.ABSOLUTE, 2_000));
        assertThat(described(next, 2).ttl()).isEqualTo(new Ttl.Left(TtlKind.LAST_USE, 5_000));
        assertThat(described(next, 3).ttl()).isEqualTo(new Ttl.Waiting());
      }
    }
  }

  private static WriteCommand withTtlKind(WriteCommand command, TtlKind kind) {
    return new WriteCommand(
        command.namespace(),
        command.key(),
        command.label(),
        command.parentLabel(),
        command.tokenCount(),
        command.elementType(),
        command.attributes(),
        command.payload(),
        command.claimedCrc32c(),
        command.ttlMillis(),
        command.priority(),
        command.ack(),
        kind);
  }

  @Test
  void whatIsSetForANamespaceIsOneEntryAndOnlyForWhatWasThere() {
    try (EngineFixture one = first()) {
      for (long id = 1; id <= 40; id++) {
        one.write(id, 0, AckLevel.SHARED);
      }
      assertThat(priority(one.engine, ALL, 2)).isEqualTo(40);
      assertThat(journal.records()).isEqualTo(1);
      one.write(41, 0, AckLevel.SHARED);
      delete(one.engine, blocks(1));
      one.write(1, 0, AckLevel.SHARED);
      Map<Long, Detail> before = query(one.engine);
      assertThat(described(one.engine, 40).priority()).isEqualTo(2);
      assertThat(described(one.engine, 41).priority()).isZero();
      assertThat(described(one.engine, 1).priority()).isZero();
      try (CacheEngine next = restarted(one)) {
        assertThat(priorities(query(next))).isEqualTo(priorities(before));
      }
    }
  }

  /** Whatever was done to which blocks in whatever order, a restart changes nothing of it. */
  @Test
  void aRestartChangesNoSetting() {
    long seed = TestBlocks.seed("KeptSettingsTest");
    for (int round = 0; round < 20; round++) {
      SplittableRandom random = new SplittableRandom(seed + round);
      try (EngineFixture one = first()) {
        for (int step = 0; step < 60; step++) {
          long id = 1L + random.nextInt(8);
          Selector selector = random.nextInt(4) == 0 ? ALL : blocks(id, id + 1);
          switch (random.nextInt(5)) {
            case 0 -> priority(one.engine, selector, random.nextInt(4));
            case 1 ->
                ttl(
                    one.engine,
                    selector,
                    TtlKind.ofCode(random.nextInt(3)),
                    random.nextInt(3) * 1_000_000L);
            case 2 -> delete(one.engine, random.nextInt(4) == 0 ? selector : blocks(id));
            default -> one.write(id, 0, AckLevel.SHARED);
          }
        }
        Map<Long, Detail> before = query(one.engine);
        try (CacheEngine next = restarted(one)) {
          Map<Long, Detail> after = query(next);
          String what = "seed %d round %d".formatted(seed, round);
          assertThat(priorities(after)).as(what).isEqualTo(priorities(before));
          assertThat(ttls(after)).as(what).isEqualTo(ttls(before));
        }
      } finally {
        forgetAll();
      }
    }
  }

  private void forgetAll() {
    try {
      journal.rewrite(List.of());
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void whatAJournalCannotTakeIsNotAcknowledgedAndDurableOnceItCan() {
    try (EngineFixture one = first()) {
      one.write(1, 0, AckLevel.SHARED);
      journal.fail(true);
      assertThatThrownBy(() -> priority(one.engine, blocks(1), 3))
          .hasRootCauseMessage("told to fail");
      journal.fail(false);
      assertThat(priority(one.engine, blocks(1), 3)).as("it has it already").isZero();
      try (CacheEngine next = restarted(one)) {
        assertThat(described(next, 1).priority()).isEqualTo(3);
      }
    }
  }

  @Test
  void theLimitRefusesAndRoomComesBackWithTheBlocks() {
    KeptSettings kept = new KeptSettings(journal, 3);
    try (EngineFixture one = new EngineFixture(64, 64, true, kept)) {
      for (long id = 1; id <= 4; id++) {
        one.write(id, 0, AckLevel.SHARED);
      }
      assertThat(
              join(one.engine.control().setPriority(NAMESPACE, blocks(1, 2, 3, 4), 1, () -> false)))
          .isInstanceOfSatisfying(
              ControlOutcome.Refused.class,
              refused -> {
                assertThat(refused.limit()).isEqualTo("limits.kept-settings");
                assertThat(refused.tally().changed()).isEqualTo(3);
              });
      delete(one.engine, blocks(2));
      assertThat(kept.count()).isEqualTo(2);
      assertThat(priority(one.engine, blocks(4), 1)).isEqualTo(1);
    }
  }

  @Test
  void fullSettingsStillTakeUnpinsAndOtherValues() {
    try (EngineFixture one = new EngineFixture(64, 64, true, new KeptSettings(journal, 2))) {
      one.write(1, 0, AckLevel.SHARED);
      one.write(2, 0, AckLevel.SHARED);
      changed(one.engine.control().pin(NAMESPACE, blocks(1), () -> false));
      assertThat(priority(one.engine, blocks(2), 1)).isEqualTo(1);
      assertThat(priority(one.engine, blocks(2), 3)).isEqualTo(1);
      assertThat(changed(one.engine.control().unpin(NAMESPACE, blocks(1), () -> false))).isOne();
      assertThat(kept().pinnedCount()).isZero();
    }
  }

  @Test
  void aShorterTtlHoldsThoughTheTierCannotRemoveTheBlock() {
    try (EngineFixture one = first()) {
      one.write(1, 0, AckLevel.SHARED);
      ttl(one.engine, blocks(1), TtlKind.ABSOLUTE, 5_000);
      one.below.broken = true;
      await()
          .until(() -> {
            one.time.advance(RETRY_MILLIS);
            return one.engine.control().owedRemovals() == 1;
          });
      one.below.broken = false;
      one.engine.recover();
      assertThat(one.read(1)).isEqualTo(ReadOutcome.Reason.ABSENT);
      await()
          .until(() -> {
            one.time.advance(RETRY_MILLIS);
            return one.below.usage().blocks() == 0;
          });
    }
  }

  @Test
  void anUnpinDuringTheRestoringOfPinsHolds() {
    try (EngineFixture one = first()) {
      one.write(1, 0, AckLevel.SHARED);
      one.write(2, 0, AckLevel.SHARED);
      changed(one.engine.control().pin(NAMESPACE, blocks(1, 2), () -> false));
      ControlOptions twoAtATime =
          new ControlOptions(2, 64, 1_000, RETRY_MILLIS, 1 << 18, 1_000, 10, 1 << 18, 4);
      try (CacheEngine next = restarted(one, twoAtATime)) {
        one.below.stall();
        one.time.advance(RETRY_MILLIS);
        await().until(() -> one.below.gets.get() > 0);
        changed(next.control().unpin(NAMESPACE, blocks(1), () -> false));
        one.below.resume();
        await()
            .until(() -> {
              one.time.advance(RETRY_MILLIS);
              return described(next, 2).pinned() && described(next, 1).tiers().contains("dram");
            });
        await()
            .during(Duration.ofMillis(200))
            .until(() -> !described(next, 1).pinned() && described(next, 2).pinned());
      }
    }
  }

  @Test
  void deletingANamespaceLeavesNothingOfItInTheJournal() {
    try (EngineFixture one = first()) {
      one.write(1, 0, AckLevel.SHARED);
      priority(one.engine, blocks(1), 3);
      ttl(one.engine, ALL, TtlKind.LAST_USE, 5_000);
      assertThat(journal.records()).isEqualTo(2);
      delete(one.engine, ALL);
      assertThat(journal.recovered()).isEmpty();
    }
  }

  @Test
  void settingsOfBlocksThatAreNowhereGoOnceAllTiersAreListed() {
    try (EngineFixture one = first()) {
      one.write(1, 0, AckLevel.SHARED);
      one.write(2, 0, AckLevel.SHARED);
      priority(one.engine, blocks(1, 2), 3);
      one.below.remove(new BlockRef(NAMESPACE, key(2)));
      try (CacheEngine next = restarted(one)) {
        one.time.advance(RETRY_MILLIS);
        await().until(() -> journal.records() == 1);
        assertThat(described(next, 1).priority()).isEqualTo(3);
      }
    }
  }

  @Test
  void pinnedBlocksComeBackToMemory() {
    try (EngineFixture one = first()) {
      for (long id = 1; id <= 20; id++) {
        one.write(id, 0, AckLevel.SHARED);
      }
      changed(one.engine.control().pin(NAMESPACE, blocks(3, 4, 5), () -> false));
      changed(one.engine.control().unpin(NAMESPACE, blocks(4), () -> false));
      try (CacheEngine next = restarted(one)) {
        await()
            .until(() -> {
              one.time.advance(RETRY_MILLIS);
              return next.control().pinnedBlocks() == 2;
            });
        Map<Long, Detail> after = query(next);
        List<Long> pinned = new ArrayList<>();
        after.forEach((id, detail) -> {
          if (detail.pinned()) {
            pinned.add(id);
            assertThat(detail.tiers()).contains("dram");
          }
        });
        assertThat(pinned).containsExactlyInAnyOrder(3L, 5L);
        changed(next.control().unpin(NAMESPACE, ALL, () -> false));
      }
      try (CacheEngine last = restarted(one)) {
        one.time.advance(RETRY_MILLIS);
        assertThat(last.control().pinnedBlocks()).isZero();
        assertThat(kept().pinnedCount()).isZero();
      }
    }
  }

  @Test
  void namespacesDoNotMix() {
    try (EngineFixture one = first()) {
      one.write(1, 0, AckLevel.SHARED);
      changed(one.engine.control().setPriority(OTHER, ALL, 3, () -> false));
      try (CacheEngine next = restarted(one)) {
        assertThat(described(next, 1).priority()).isZero();
      }
    }
  }
}
