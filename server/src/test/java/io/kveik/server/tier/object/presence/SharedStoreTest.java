package io.kveik.server.tier.object.presence;

import static org.assertj.core.api.Assertions.assertThat;

import io.kveik.server.block.AckLevel;
import io.kveik.server.block.BlockKey;
import io.kveik.server.block.BlockRef;
import io.kveik.server.block.ElementType;
import io.kveik.server.cache.CacheEngine;
import io.kveik.server.cache.Chain;
import io.kveik.server.cache.EngineOptions;
import io.kveik.server.cache.LookupOutcome;
import io.kveik.server.cache.LookupOutcome.StopReason;
import io.kveik.server.cache.ReadOutcome;
import io.kveik.server.cache.WriteCommand;
import io.kveik.server.cache.WriteOutcome;
import io.kveik.server.cache.eviction.LeafFirstLru;
import io.kveik.server.memory.Slab;
import io.kveik.server.runtime.Workers;
import io.kveik.server.tier.dram.DramTier;
import io.kveik.server.tier.object.TestContainers;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.function.LongConsumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Two whole engines over one store: what the digests spare, and what they find. */
class SharedStoreTest {
  private static final int PAYLOAD = 1_000;

  private final Cluster cluster = new Cluster();
  private final Workers storage = new Workers("test-storage", 8, 10_000);
  private final List<Slab> slabs = new ArrayList<>();
  private final List<PresenceDigests> digests = new ArrayList<>();
  private final List<CacheEngine> engines = new ArrayList<>();

  @AfterEach
  void close() {
    engines.forEach(CacheEngine::close);
    cluster.close();
    storage.close();
    for (Slab slab : slabs) {
      assertThat(slab.liveLeases()).isZero();
    }
  }

  @Test
  void blocksThatAreNowhereCostTheStoreNoCall() {
    CacheEngine a = start();
    store(a, 0, 50);
    CacheEngine b = start();
    cluster.settle();
    long calls = cluster.store.calls();

    for (int first = 100; first < 10_000; first += 100) {
      LookupOutcome outcome = lookup(b, first, 100);
      assertThat(outcome.blocks()).isEmpty();
      assertThat(outcome.stop().orElseThrow().reason()).isEqualTo(StopReason.NEVER_STORED);
      assertThat(join(b.read(Cluster.NAMESPACE, key(first)))).isInstanceOf(ReadOutcome.Miss.class);
    }

    assertThat(cluster.store.calls()).isEqualTo(calls);
  }

  @Test
  void blocksOfAnotherServerCostOneQuestionEach() {
    CacheEngine a = start();
    CacheEngine b = start();
    store(a, 0, 50);
    cluster.settle();
    long calls = cluster.store.calls();

    assertThat(lookup(b, 0, 200).blocks()).hasSize(50);
    assertThat(cluster.store.calls() - calls).isEqualTo(50);
    assertThat(lookup(b, 0, 200).blocks()).hasSize(50);
    assertThat(cluster.store.calls() - calls).as("the index knows them now").isEqualTo(50);
    ReadOutcome read = join(b.read(Cluster.NAMESPACE, key(49)));
    assertThat(read).isInstanceOf(ReadOutcome.Hit.class);
    ((ReadOutcome.Hit) read).block().close();
  }

  @Test
  void aBlockThatIsGoneFromTheStoreIsAskedForOnce() {
    CacheEngine a = start();
    CacheEngine b = start();
    store(a, 0, 1);
    cluster.settle();
    cluster.store.blobs().remove(Cluster.path(new BlockRef(Cluster.NAMESPACE, key(0))));
    long calls = cluster.store.calls();

    for (int i = 0; i < 10; i++) {
      assertThat(lookup(b, 0, 1).blocks()).isEmpty();
    }

    assertThat(cluster.store.calls() - calls).isOne();
    assertThat(digests.get(1).counters().falsePositives.sum()).isOne();
    store(b, 0, 1);
    assertThat(lookup(b, 0, 1).blocks()).hasSize(1);
  }

  private CacheEngine start() {
    PresenceDigests one = cluster.start();
    one.mayHold(new BlockRef(Cluster.NAMESPACE, key(-1)));
    cluster.settle();
    digests.add(one);
    Slab slab = Slab.anonymous(1 << 20);
    slabs.add(slab);
    CacheEngine engine =
        new CacheEngine(
            DramTier.transfer(slab),
            List.of(
                new CacheEngine.Below(
                    new DigestedTier(
                        TestContainers.tier(cluster.store, new TestContainers(Cluster.CONTAINER)),
                        one),
                    AckLevel.SHARED,
                    Long.MAX_VALUE)),
            LeafFirstLru::new,
            new EngineOptions(64, 5_000, 8, 5_000, 5_000, 5_000, 100, 1 << 20, 2, 1_000, false),
            storage,
            cluster.time,
            cluster.time);
    engine.recover();
    engines.add(engine);
    return engine;
  }

  private static BlockKey key(int number) {
    return Cluster.block(number).key();
  }

  private static void store(CacheEngine engine, int first, int count) {
    for (int i = first; i < first + count; i++) {
      WriteOutcome outcome =
          join(
              engine.write(
                  new WriteCommand(
                      Cluster.NAMESPACE,
                      key(i),
                      i + 1,
                      i,
                      128,
                      ElementType.UNDECLARED,
                      new byte[0],
                      new WriteCommand.Payload() {
                        @Override
                        public int length() {
                          return PAYLOAD;
                        }

                        @Override
                        public void copyTo(MemorySegment target) {
                          target.fill((byte) 1);
                        }
                      },
                      OptionalInt.empty(),
                      0,
                      0,
                      AckLevel.SHARED)));
      assertThat(outcome)
          .isInstanceOfSatisfying(
              WriteOutcome.Stored.class,
              stored -> assertThat(stored.reached()).isEqualTo(AckLevel.SHARED));
    }
  }

  private static LookupOutcome lookup(CacheEngine engine, int first, int blocks) {
    return join(
        engine.lookup(
            Cluster.NAMESPACE,
            new Chain() {
              @Override
              public int blocks() {
                return blocks;
              }

              @Override
              public BlockKey key(int index, long parentLabel) {
                return SharedStoreTest.key(first + index);
              }

              @Override
              public boolean independent() {
                return true;
              }

              @Override
              public void describe(int index, LongConsumer words) {
                words.accept(key(index, 0).w0());
              }
            }));
  }

  private static <T> T join(CompletionStage<T> stage) {
    try {
      return stage.toCompletableFuture().get(20, TimeUnit.SECONDS);
    } catch (Exception e) {
      throw new AssertionError("no outcome", e);
    }
  }
}
