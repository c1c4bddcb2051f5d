package io.kveik.server.cache;

import static io.kveik.server.cache.EngineFixture.NAMESPACE;
import static io.kveik.server.cache.EngineFixture.chain;
import static io.kveik.server.cache.EngineFixture.contentOf;
import static io.kveik.server.cache.EngineFixture.join;
import static io.kveik.server.cache.EngineFixture.key;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.kveik.server.block.AckLevel;
import io.kveik.server.cache.LookupOutcome.Stop;
import io.kveik.server.cache.LookupOutcome.StopReason;
import io.kveik.server.cache.eviction.LeafFirstLru;
import io.kveik.server.memory.Slab;
import io.kveik.server.runtime.ManualTime;
import io.kveik.server.runtime.Workers;
import io.kveik.server.tier.dram.DramTier;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Lookups of blocks that another server stored in a tier that both share. */
class SharedTierLookupTest {
  private static final int WIDTH = 4;
  private static final int BUDGET_MILLIS = 100;

  private final ManualTime time = new ManualTime();
  private final Workers storage = new Workers("test-storage", 16, 10_000);
  private final SharedFaultyTier shared = new SharedFaultyTier();
  private final Slab writersSlab = Slab.anonymous(16 << 20);
  private final Slab readersSlab = Slab.anonymous(16 << 20);
  private final CacheEngine writer = engine(writersSlab);
  private final CacheEngine reader = engine(readersSlab);

  @AfterEach
  void close() {
    shared.blocks.resume();
    // First: what a lookup over its budget has left behind still comes back to the index.
    storage.close();
    writer.close();
    reader.close();
    shared.blocks.destroy();
    assertThat(writersSlab.liveLeases()).isZero();
    assertThat(readersSlab.liveLeases()).isZero();
    assertThat(shared.blocks.liveLeases()).isZero();
  }

  @ParameterizedTest(name = "keys independent: {0}")
  @ValueSource(booleans = {true, false})
  void findsWhatOthersStored(boolean independent) {
    store(1, 100);
    reader.recover();

    LookupOutcome outcome = join(reader.lookup(NAMESPACE, chain(1, 100, independent)));

    assertThat(outcome.blocks()).hasSize(100);
    assertThat(outcome.stop()).isEmpty();
    // The walk goes on as soon as the index has a block, which is before its probe is counted.
    await().until(() -> reader.counters().probesFound.sum() == 100);
    assertThat(contentOf(join(reader.read(NAMESPACE, key(77))))).isEqualTo((byte) 77);
    assertThat(join(reader.lookup(NAMESPACE, chain(1, 100, independent))).blocks()).hasSize(100);
    assertThat(shared.blocks.finds).hasValue(100);
  }

  @Test
  void asksForAsManyBlocksAtATimeAsItMay() {
    store(1, 40);
    shared.blocks.stall();
    CompletableFuture<LookupOutcome> lookup =
        reader.lookup(NAMESPACE, chain(1, 40)).toCompletableFuture();
    await().until(() -> shared.blocks.finds.get() == WIDTH);
    shared.blocks.resume();

    assertThat(join(lookup).blocks()).hasSize(40);
    assertThat(shared.mostFinds).hasValue(WIDTH);
  }

  @Test
  void asksOneByOneWhereAKeyDependsOnTheBlockBefore() {
    store(1, 40);

    assertThat(join(reader.lookup(NAMESPACE, chain(1, 40, false))).blocks()).hasSize(40);
    assertThat(shared.mostFinds).hasValue(1);
  }

  @Test
  void asksForNothingThatNoDigestHas() {
    store(1, 10);
    shared.digest = _ -> false;

    Stop stop = join(reader.lookup(NAMESPACE, chain(1, 10))).stop().orElseThrow();

    assertThat(stop.blockIndex()).isZero();
    assertThat(stop.reason()).isEqualTo(StopReason.NEVER_STORED);
    assertThat(join(reader.read(NAMESPACE, key(1)))).isInstanceOf(ReadOutcome.Miss.class);
    assertThat(shared.blocks.finds).hasValue(0);
    assertThat(shared.blocks.gets).hasValue(0);
  }

  @Test
  void aFalsePositiveEndsThePrefixAndFewQuestionsAreInVain() {
    store(1, 10);

    LookupOutcome outcome = join(reader.lookup(NAMESPACE, chain(1, 1_000)));

    assertThat(outcome.blocks()).hasSize(10);
    assertThat(outcome.stop().orElseThrow().reason()).isEqualTo(StopReason.NEVER_STORED);
    assertThat(shared.blocks.finds.get()).isLessThanOrEqualTo(10 + 4 * WIDTH);
  }

  @Test
  void overBudgetIsThePrefixFoundSoFar() {
    store(1, 40);
    for (int id = 1; id <= 5; id++) {
      join(reader.lookup(NAMESPACE, chain(id, 1)));
    }
    shared.blocks.stall();
    CompletableFuture<LookupOutcome> lookup =
        reader.lookup(NAMESPACE, chain(1, 40)).toCompletableFuture();
    await().until(() -> shared.blocks.finds.get() == 5 + WIDTH);
    time.advance(BUDGET_MILLIS);

    assertThat(join(lookup).blocks()).hasSize(5);
    assertThat(join(lookup).stop().orElseThrow().reason()).isEqualTo(StopReason.OVER_BUDGET);
    assertThat(join(lookup).storageNanos()).isEqualTo(BUDGET_MILLIS * 1_000_000L);
  }

  @Test
  void aFailingOrUnreachableStoreEndsThePrefix() {
    store(1, 40);
    shared.blocks.broken = true;
    assertThat(reason(chain(1, 40))).isEqualTo(StopReason.TIER_DOWN);
    shared.blocks.broken = false;
    assertThat(join(reader.lookup(NAMESPACE, chain(1, 20))).blocks())
        .as("failures take a shared tier out of no path")
        .hasSize(20);

    shared.reachable = false;
    int finds = shared.blocks.finds.get();
    assertThat(reason(chain(21, 20))).isEqualTo(StopReason.TIER_DOWN);
    assertThat(shared.blocks.finds).hasValue(finds);
  }

  /** Whatever part of a chain is where, the answer is the longest prefix. */
  @ParameterizedTest(name = "seed {0}")
  @ValueSource(longs = {1, 2, 3, 4})
  void holesAnywhereEndThePrefixThere(long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    int blocks = 60;
    for (int round = 0; round < 50; round++) {
      int first = 1 + 1_000 * (round + 1);
      Set<Integer> holes = new HashSet<>();
      for (int i = 0; i < blocks; i++) {
        switch (random.nextInt(20)) {
          case 0 -> holes.add(i);
          case 1, 2, 3 -> join(reader.write(command(first + i)));
          default -> store(first + i, 1);
        }
      }
      int prefix = holes.stream().mapToInt(Integer::intValue).min().orElse(blocks);

      LookupOutcome outcome =
          join(reader.lookup(NAMESPACE, chain(first, blocks, random.nextBoolean())));

      assertThat(outcome.blocks()).as("seed %d, round %d", seed, round).hasSize(prefix);
    }
  }

  private StopReason reason(Chain chain) {
    return join(reader.lookup(NAMESPACE, chain)).stop().orElseThrow().reason();
  }

  /** Another server stores blocks. */
  private void store(int first, int count) {
    for (int id = first; id < first + count; id++) {
      assertThat(join(writer.write(command(id)))).isInstanceOf(WriteOutcome.Stored.class);
    }
  }

  private static WriteCommand command(int id) {
    return EngineFixture.command(id, id == 1 ? 0 : id - 1, AckLevel.SHARED);
  }

  private CacheEngine engine(Slab slab) {
    return new CacheEngine(
        DramTier.transfer(slab),
        List.of(new CacheEngine.Below(shared, AckLevel.SHARED, Long.MAX_VALUE)),
        LeafFirstLru::new,
        new EngineOptions(
            64, BUDGET_MILLIS, WIDTH, 1_000, 500, 2_000, 100, 1 << 20, 2, 1_000, false),
        storage,
        time,
        time);
  }
}
