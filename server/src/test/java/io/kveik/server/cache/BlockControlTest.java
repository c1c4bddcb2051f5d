package io.kveik.server.cache;

import static io.kveik.server.cache.EngineFixture.NAMESPACE;
import static io.kveik.server.cache.EngineFixture.OTHER;
import static io.kveik.server.cache.EngineFixture.PAYLOAD;
import static io.kveik.server.cache.EngineFixture.join;
import static io.kveik.server.cache.EngineFixture.key;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.kveik.server.block.AckLevel;
import io.kveik.server.block.Fingerprint;
import io.kveik.server.block.TtlKind;
import io.kveik.server.cache.ControlOutcome.ControlTally;
import io.kveik.server.cache.QueryOutcome.Detail;
import io.kveik.server.cache.QueryOutcome.Ttl;
import io.kveik.server.cache.eviction.PolicyKind;
import io.kveik.server.tier.TestBlocks;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.SplittableRandom;
import java.util.concurrent.CompletionStage;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Priority, TTL, pins, prefetch and queries of stored blocks. */
@Timeout(60)
class BlockControlTest {
  private static final Selector ALL = new Selector.Everything();
  private static final long BODY = PAYLOAD + 3;
  private static final List<TtlKind> KINDS = List.of(TtlKind.values());

  private static Selector blocks(long... ids) {
    return new Selector.Blocks(LongStream.of(ids).mapToObj(EngineFixture::key).toList());
  }

  private static ControlTally done(CompletionStage<ControlOutcome> outcome) {
    ControlOutcome joined = join(outcome);
    assertThat(joined).isInstanceOf(ControlOutcome.Done.class);
    return joined.tally();
  }

  private static List<Detail> query(EngineFixture one, Selector selector, int pageBlocks) {
    List<Detail> details = new ArrayList<>();
    OptionalLong from = OptionalLong.of(0);
    while (from.isPresent()) {
      QueryOutcome.Page page =
          (QueryOutcome.Page)
              join(
                  one.engine
                      .control()
                      .query(NAMESPACE, selector, from.getAsLong(), pageBlocks, () -> false));
      assertThat(page.blocks().size()).isLessThanOrEqualTo(pageBlocks);
      details.addAll(page.blocks());
      from = page.next();
    }
    return details;
  }

  private static boolean setTtl(EngineFixture one, long id, TtlKind kind, long millis) {
    return done(one.engine.control().setTtl(NAMESPACE, blocks(id), kind, millis, () -> false))
            .changed()
        == 1;
  }

  private static ControlOutcome policy(
      EngineFixture one, Fingerprint namespace, @Nullable PolicyKind kind) {
    return join(
        one.engine.control().setEvictionPolicy(namespace, Optional.ofNullable(kind), () -> false));
  }

  private static ControlOutcome pin(EngineFixture one, long... ids) {
    return join(one.engine.control().pin(NAMESPACE, blocks(ids), () -> false));
  }

  @Test
  void queryTellsEveryBlockOnceWhateverThePage() {
    try (EngineFixture one = new EngineFixture(64, 64, true)) {
      for (long id = 1; id <= 40; id++) {
        one.write(id, id - 1, AckLevel.SHARED);
      }
      one.time.advance(500);
      one.lookup(1, 3);
      for (int pageBlocks : new int[] {1, 7, 1_000}) {
        Map<Long, Detail> byLabel = new HashMap<>();
        query(one, ALL, pageBlocks)
            .forEach(detail -> assertThat(byLabel.put(detail.label(), detail)).isNull());
        assertThat(byLabel).hasSize(40);
        for (long id = 1; id <= 40; id++) {
          Detail detail = Objects.requireNonNull(byLabel.get(id));
          assertThat(detail.depth()).isEqualTo((int) id - 1);
          assertThat(detail.tiers()).containsExactly("dram", "faulty");
          assertThat(detail.bytes()).isEqualTo(BODY);
          assertThat(detail.ageMillis()).hasValue(500);
          assertThat(detail.tokenCount()).hasValue(128);
          assertThat(detail.uses()).as("a query is no use").isEqualTo(id <= 3 ? 1 : 0);
          assertThat(detail.ttl()).isEqualTo(new Ttl.None());
        }
        assertThat(query(one, new Selector.Prefix(key(31), 31), pageBlocks)).hasSize(10);
        assertThat(query(one, blocks(3, 99, 5), pageBlocks)).hasSize(2);
      }
      assertThat(one.strayLeases()).isZero();
    }
  }

  @Test
  void queryMakesNoBlockYounger() {
    try (EngineFixture one = new EngineFixture(4, 8, false)) {
      for (long id = 1; id <= 4; id++) {
        one.write(id, 0, AckLevel.MEMORY);
      }
      query(one, blocks(1), 10);
      one.write(5, 0, AckLevel.MEMORY);
      assertThat(one.read(1)).isEqualTo(ReadOutcome.Reason.ABSENT);
      assertThat(one.read(2)).isEqualTo((byte) 2);
    }
  }

  @Test
  void aNamespacesPolicyIsRecordedAndChangesItsBlocks() {
    try (EngineFixture one = new EngineFixture(8, 8, false)) {
      Map<Fingerprint, PolicyKind> recorded = new HashMap<>();
      one.engine.control().keepPoliciesIn(log(recorded));
      for (long id = 1; id <= 4; id++) {
        one.write(id, id - 1, AckLevel.MEMORY);
      }
      assertThat(policy(one, NAMESPACE, PolicyKind.ARC).tally())
          .isEqualTo(new ControlTally(4, 4, 4 * BODY, List.of()));
      assertThat(policy(one, NAMESPACE, PolicyKind.ARC).tally().changed()).isZero();
      assertThat(recorded).containsOnly(Map.entry(NAMESPACE, PolicyKind.ARC));
      assertThat(policy(one, NAMESPACE, null).tally().changed()).isEqualTo(4);
      assertThat(recorded).isEmpty();
      assertThat(one.strayLeases()).isZero();
    }
  }

  @Test
  void whatWasRecordedHoldsFromTheStart() {
    try (EngineFixture one = new EngineFixture(8, 8, false)) {
      Map<Fingerprint, PolicyKind> recorded =
          new HashMap<>(Map.of(NAMESPACE, PolicyKind.HIT_DENSITY));
      one.engine.control().keepPoliciesIn(log(recorded));
      one.write(1, 0, AckLevel.MEMORY);
      assertThat(policy(one, NAMESPACE, PolicyKind.HIT_DENSITY).tally().changed()).isZero();
      assertThat(policy(one, NAMESPACE, PolicyKind.LRU).tally().changed()).isEqualTo(1);
      assertThat(one.strayLeases()).isZero();
    }
  }

  @Test
  void whatWasSetGoesBeforeTheConfigurationUntilItIsTakenBack() {
    try (EngineFixture one = new EngineFixture(8, 8, false)) {
      BlockControl control = one.engine.control();
      Map<Fingerprint, PolicyKind> recorded = new HashMap<>(Map.of(NAMESPACE, PolicyKind.ARC));
      control.keepPoliciesIn(log(recorded));
      control.configurePolicies(Map.of(NAMESPACE, PolicyKind.LRU, OTHER, PolicyKind.S3_FIFO));
      one.write(1, 0, AckLevel.MEMORY);
      assertThat(policy(one, NAMESPACE, PolicyKind.ARC).tally().changed()).isZero();
      assertThat(policy(one, NAMESPACE, null).tally().changed()).isEqualTo(1);
      assertThat(recorded).isEmpty();
      assertThat(policy(one, NAMESPACE, PolicyKind.LRU).tally().changed())
          .as("the configuration's")
          .isZero();
      assertThat(recorded).containsOnly(Map.entry(NAMESPACE, PolicyKind.LRU));
      assertThat(one.strayLeases()).isZero();
    }
  }

  @Test
  void theConfigurationHoldsFromTheStartAndCountsForTheLimit() {
    try (EngineFixture one = new EngineFixture(8, 8, false)) {
      Map<Fingerprint, PolicyKind> configured = new HashMap<>(Map.of(NAMESPACE, PolicyKind.ARC));
      for (int i = 1; i < ControlOptions.small(0).namespacePolicies(); i++) {
        configured.put(new Fingerprint(i, 1, 1, 1), PolicyKind.LRU);
      }
      one.engine.control().configurePolicies(configured);
      one.write(1, 0, AckLevel.MEMORY);
      assertThat(policy(one, OTHER, PolicyKind.ARC)).isInstanceOf(ControlOutcome.Refused.class);
      assertThat(policy(one, NAMESPACE, PolicyKind.ARC).tally().changed()).isZero();
      one.engine.control().configurePolicies(Map.of());
      assertThat(policy(one, NAMESPACE, null).tally().changed()).isEqualTo(1);
      assertThat(one.strayLeases()).isZero();
    }
  }

  @Test
  void policiesBeyondTheLimitAreRefusedAndThoseThereMayChange() {
    try (EngineFixture one = new EngineFixture(8, 8, false)) {
      int limit = ControlOptions.small(0).namespacePolicies();
      for (int i = 0; i < limit; i++) {
        assertThat(policy(one, new Fingerprint(i, 1, 1, 1), PolicyKind.ARC))
            .isInstanceOf(ControlOutcome.Done.class);
      }
      assertThat(policy(one, NAMESPACE, PolicyKind.ARC))
          .isInstanceOfSatisfying(
              ControlOutcome.Refused.class,
              refused -> assertThat(refused.limit()).isEqualTo("limits.namespace-policies"));
      assertThat(policy(one, new Fingerprint(0, 1, 1, 1), PolicyKind.LRU))
          .isInstanceOf(ControlOutcome.Done.class);
      assertThat(one.strayLeases()).isZero();
    }
  }

  @Test
  void whatCannotBeRecordedIsNotChanged() {
    try (EngineFixture one = new EngineFixture(8, 8, false)) {
      one.engine.control().keepPoliciesIn(log(Map.of()));
      one.write(1, 0, AckLevel.MEMORY);
      assertThatThrownBy(() -> policy(one, NAMESPACE, PolicyKind.ARC))
          .hasStackTraceContaining("no space left on device");
      one.engine.control().keepPoliciesIn(NamespacePolicyLog.forgetful());
      assertThat(policy(one, NAMESPACE, null).tally().changed()).isZero();
      assertThat(one.strayLeases()).isZero();
    }
  }

  /** A log that keeps what is recorded in a map; on a full disk where that can't change. */
  private static NamespacePolicyLog log(Map<Fingerprint, PolicyKind> recorded) {
    return new NamespacePolicyLog() {
      @Override
      public Map<Fingerprint, PolicyKind> recovered() {
        return Map.copyOf(recorded);
      }

      @Override
      public void rewrite(Map<Fingerprint, PolicyKind> policies) throws IOException {
        try {
          recorded.clear();
          recorded.putAll(policies);
        } catch (UnsupportedOperationException e) {
          throw new IOException("no space left on device", e);
        }
      }
    };
  }

  @Test
  void priorityIsPassedOverAndSeen() {
    try (EngineFixture one = new EngineFixture(4, 8, false)) {
      for (long id = 1; id <= 4; id++) {
        one.write(id, 0, AckLevel.MEMORY);
      }
      assertThat(done(one.engine.control().setPriority(NAMESPACE, blocks(1, 9), 3, () -> false)))
          .isEqualTo(new ControlTally(1, 1, BODY, List.of()));
      assertThat(query(one, blocks(1), 1).getFirst().priority()).isEqualTo(3);
      for (long id = 5; id <= 9; id++) {
        one.write(id, 0, AckLevel.MEMORY);
      }
      assertThat(one.read(1)).isEqualTo((byte) 1);
      for (long id = 10; id <= 40; id++) {
        one.write(id, 0, AckLevel.MEMORY);
      }
      assertThat(one.read(1)).as("soft").isEqualTo(ReadOutcome.Reason.ABSENT);
    }
  }

  @Test
  void absoluteTtlCountsFromWhenItIsSet() {
    try (EngineFixture one = new EngineFixture(16, 8, true)) {
      one.write(1, 0, AckLevel.SHARED);
      one.time.advance(10_000);
      assertThat(setTtl(one, 1, TtlKind.ABSOLUTE, 5_000)).isTrue();
      one.time.advance(4_000);
      one.lookup(1, 1);
      assertThat(query(one, blocks(1), 1).getFirst().ttl())
          .isEqualTo(new Ttl.Left(TtlKind.ABSOLUTE, 1_000));
      one.time.advance(999);
      assertThat(one.read(1)).isEqualTo((byte) 1);
      one.time.advance(1);
      assertThat(one.read(1)).isIn(ReadOutcome.Reason.EXPIRED, ReadOutcome.Reason.ABSENT);
    }
  }

  @Test
  void ttlByLastUseIsRenewedByEveryHit() {
    try (EngineFixture one = new EngineFixture(16, 8, true)) {
      one.write(1, 0, AckLevel.SHARED);
      setTtl(one, 1, TtlKind.LAST_USE, 5_000);
      for (int hit = 0; hit < 10; hit++) {
        one.time.advance(4_900);
        assertThat(one.lookup(1, 1).blocks()).hasSize(1);
      }
      one.time.advance(4_999);
      assertThat(one.read(1)).isEqualTo((byte) 1);
      one.time.advance(1);
      assertThat(one.lookup(1, 1).blocks()).isEmpty();
      awaitSwept(one);
    }
  }

  @Test
  void ttlByFirstUseBeginsWithTheFirstHit() {
    try (EngineFixture one = new EngineFixture(16, 8, true)) {
      one.write(1, 0, AckLevel.SHARED);
      setTtl(one, 1, TtlKind.FIRST_USE, 5_000);
      one.time.advance(1_000_000);
      assertThat(query(one, blocks(1), 1).getFirst().ttl()).isEqualTo(new Ttl.Waiting());
      one.lookup(1, 1);
      one.time.advance(3_000);
      one.lookup(1, 1);
      one.time.advance(2_000);
      assertThat(one.lookup(1, 1).blocks()).isEmpty();
      awaitSwept(one);
    }
  }

  @Test
  void ttlCanBeTakenAway() {
    try (EngineFixture one = new EngineFixture(16, 8, true)) {
      join(one.engine.write(EngineFixture.command(1, 0, AckLevel.SHARED, 5_000, (byte) 1)));
      setTtl(one, 1, TtlKind.LAST_USE, 5_000);
      setTtl(one, 1, TtlKind.ABSOLUTE, 0);
      one.time.advance(1_000_000);
      assertThat(one.read(1)).isEqualTo((byte) 1);
    }
  }

  /** The lazy heap against a plain model: what is found is what has not expired. */
  @Test
  void ttlsOfAllKindsExpireWhenAPlainModelSays() {
    long seed = TestBlocks.seed("BlockControlTest");
    SplittableRandom random = new SplittableRandom(seed);
    int count = 60;
    long[] ttl = new long[count + 1];
    long[] end = new long[count + 1];
    TtlKind[] kinds = new TtlKind[count + 1];
    try (EngineFixture one = new EngineFixture(count + 4, 8, false)) {
      for (int id = 1; id <= count; id++) {
        one.write(id, 0, AckLevel.MEMORY);
        kinds[id] = KINDS.get(random.nextInt(KINDS.size()));
        ttl[id] = 1L + random.nextInt(20_000);
        end[id] = kinds[id] == TtlKind.FIRST_USE ? Long.MAX_VALUE : ttl[id];
        setTtl(one, id, kinds[id], ttl[id]);
      }
      long now = 0;
      for (int step = 0; step < 400; step++) {
        long wait = random.nextInt(1_500);
        one.time.advance(wait);
        now += wait;
        int id = 1 + random.nextInt(count);
        boolean alive = now < end[id];
        assertThat(one.lookup(id, 1).blocks().size())
            .as("seed %d step %d block %d %s", seed, step, id, kinds[id])
            .isEqualTo(alive ? 1 : 0);
        if (alive && kinds[id] == TtlKind.LAST_USE) {
          end[id] = now + ttl[id];
        }
        if (alive && kinds[id] == TtlKind.FIRST_USE && end[id] == Long.MAX_VALUE) {
          end[id] = now + ttl[id];
        }
      }
    }
  }

  @Test
  void pinnedBlocksOutliveOthersAndUnpinnedOnesDoNot() {
    try (EngineFixture one = new EngineFixture(12, 8, false)) {
      for (long id = 1; id <= 12; id++) {
        one.write(id, 0, AckLevel.MEMORY);
      }
      assertThat(pin(one, 1, 2, 99).tally()).isEqualTo(new ControlTally(2, 2, 2 * BODY, List.of()));
      assertThat(one.engine.control().pinnedBytes()).isEqualTo(2 * BODY);
      assertThat(query(one, blocks(1), 1).getFirst().pinned()).isTrue();
      assertThat(pin(one, 1).tally().changed()).as("again").isZero();
      for (long id = 13; id <= 60; id++) {
        one.write(id, 0, AckLevel.MEMORY);
      }
      assertThat(one.read(1)).isEqualTo((byte) 1);
      assertThat(one.read(2)).isEqualTo((byte) 2);
      assertThat(done(one.engine.control().unpin(NAMESPACE, ALL, () -> false)).changed())
          .isEqualTo(2);
      for (long id = 61; id <= 80; id++) {
        one.write(id, 0, AckLevel.MEMORY);
      }
      assertThat(one.read(1)).isEqualTo(ReadOutcome.Reason.ABSENT);
      assertThat(one.engine.control().pinnedBlocks()).isZero();
    }
  }

  @Test
  void pinsBeyondTheQuotaAreRefused() {
    try (EngineFixture one = new EngineFixture(12, 8, false)) {
      for (long id = 1; id <= 12; id++) {
        one.write(id, 0, AckLevel.MEMORY);
      }
      assertThat(pin(one, 1, 2, 3, 4, 5))
          .isInstanceOfSatisfying(
              ControlOutcome.Refused.class,
              refused -> {
                assertThat(refused.limit()).isEqualTo("limits.pinned-percent");
                assertThat(refused.tally().changed()).isEqualTo(3);
              });
      // What leaves gives its quota back.
      done(one.engine.control().delete(NAMESPACE, blocks(1, 2, 3), () -> false));
      assertThat(one.engine.control().pinnedBytes()).isZero();
      assertThat(pin(one, 4, 5, 6)).isInstanceOf(ControlOutcome.Done.class);
    }
  }

  @Test
  void poolFullOfPinsStillTakesWrites() {
    try (EngineFixture one = new EngineFixture(12, 8, false, ControlOptions.small(1 << 20))) {
      long parent = 0;
      for (long id = 1; id <= 12; id++) {
        // A chain, so that the oldest pin is on a block that its children hold as well.
        one.write(id, parent, AckLevel.MEMORY);
        parent = id;
      }
      assertThat(done(one.engine.control().pin(NAMESPACE, ALL, () -> false)).changed())
          .isEqualTo(12);
      for (long id = 20; id <= 60; id++) {
        assertThat(one.write(id, 0, AckLevel.MEMORY)).isInstanceOf(WriteOutcome.Stored.class);
        assertThat(one.read(id)).isEqualTo((byte) id);
      }
      assertThat(one.strayLeases()).isZero();
    }
  }

  @Test
  void prefetchBringsBlocksToDramWithinItsShare() {
    try (EngineFixture one = new EngineFixture(16, 64, true)) {
      for (long id = 1; id <= 32; id++) {
        one.write(id, 0, AckLevel.SHARED);
      }
      int gets = one.below.gets.get();
      ControlTally tally =
          done(one.engine.control().prefetch(NAMESPACE, blocks(1, 2, 3, 4, 5, 6), () -> false));
      assertThat(tally.matched()).isEqualTo(6);
      assertThat(tally.changed()).as("a quarter of DRAM").isEqualTo(4);
      assertThat(one.below.gets.get() - gets).isEqualTo(4);
      assertThat(query(one, blocks(1), 1).getFirst().tiers()).contains("dram");
      // The thread that fetched gives its lease back once everybody has been told.
      await().until(() -> one.strayLeases() == 0);
    }
  }

  private static void awaitSwept(EngineFixture one) {
    one.time.advance(1_000);
    await().until(() -> one.engine.status().blocks() == 0);
    assertThat(one.below.usage().blocks()).isZero();
  }
}
