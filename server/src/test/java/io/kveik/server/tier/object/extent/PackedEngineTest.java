package io.kveik.server.tier.object.extent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.kveik.server.block.AckLevel;
import io.kveik.server.block.BlockKey;
import io.kveik.server.block.ElementType;
import io.kveik.server.cache.CacheEngine;
import io.kveik.server.cache.ControlOutcome;
import io.kveik.server.cache.EngineOptions;
import io.kveik.server.cache.ReadOutcome;
import io.kveik.server.cache.Selector;
import io.kveik.server.cache.WriteCommand;
import io.kveik.server.cache.WriteOutcome;
import io.kveik.server.cache.eviction.LeafFirstLru;
import io.kveik.server.memory.Slab;
import io.kveik.server.runtime.Clock;
import io.kveik.server.runtime.Scheduler;
import io.kveik.server.runtime.Workers;
import io.kveik.server.tier.TestBlocks;
import io.kveik.server.tier.dram.DramTier;
import java.lang.foreign.MemorySegment;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Whole engines that write behind into extents. */
class PackedEngineTest {
  private static final int BLOCKS = 300;
  private static final int PAYLOAD = 1_000;

  /** What makes an extent complete. */
  private static final int EXTENT_BLOCKS = ObjectExtentDescriptor.MAX_BLOCKS;

  private static final int WRITERS = 2;
  private static final Duration LIMIT = Duration.ofSeconds(30);

  private final ExtentServers servers = new ExtentServers("PackedEngineTest");
  private final Scheduler scheduler = Scheduler.system("test-timer");
  private final Workers storage = new Workers("test-storage", 4, 10_000);
  private final List<Slab> slabs = new ArrayList<>();
  private final List<CacheEngine> engines = new ArrayList<>();

  @AfterEach
  void close() {
    engines.forEach(CacheEngine::close);
    servers.close();
    storage.close();
    scheduler.close();
    for (Slab slab : slabs) {
      assertThat(slab.liveLeases()).isZero();
    }
  }

  @Test
  void whatWaitsTogetherIsStoredTogetherAndReadByAnotherServer() {
    ExtentTier tier = servers.start();
    CacheEngine a = engine(tier);
    List<CompletionStage<WriteOutcome>> writes = new ArrayList<>();
    for (int i = 0; i < BLOCKS; i++) {
      writes.add(write(a, i, AckLevel.MEMORY));
    }
    writes.forEach(write -> assertThat(join(write)).isInstanceOf(WriteOutcome.Stored.class));
    await().until(() -> tier.usage().blocks() == BLOCKS);
    assertThat(tier.counters().packedBlocks.sum()).isEqualTo(BLOCKS);
    assertThat(tier.counters().written.sum()).isLessThan(BLOCKS / 10);

    CacheEngine b = engine(servers.start());
    for (int i = 0; i < BLOCKS; i++) {
      assertThat(join(b.read(ExtentServers.NAMESPACE, TestBlocks.key(i))))
          .isInstanceOfSatisfying(ReadOutcome.Hit.class, hit -> hit.block().close());
    }
  }

  @Test
  void levelSharedIsReachedOnceTheExtentIsStored() {
    CacheEngine a = engine(servers.start());
    for (CompletionStage<WriteOutcome> write :
        List.of(write(a, 1, AckLevel.SHARED), write(a, 2, AckLevel.SHARED))) {
      assertThat(join(write))
          .isInstanceOfSatisfying(
              WriteOutcome.Stored.class,
              stored -> assertThat(stored.reached()).isEqualTo(AckLevel.SHARED));
    }
    assertThat(servers.paths("x1/")).hasSize(1);
    ExtentTier killedAndRestarted = servers.start();
    assertThat(killedAndRestarted.usage().blocks()).isEqualTo(2);
  }

  @Test
  void deletingThroughTheEngineLeavesNothingReadableAnywhere() {
    ExtentTier tier = servers.start();
    CacheEngine a = engine(tier);
    for (int i = 0; i < BLOCKS; i++) {
      join(write(a, i, AckLevel.MEMORY));
    }
    await().until(() -> tier.usage().blocks() == BLOCKS);
    ExtentTier other = servers.start();
    assertThat(delete(a, new Selector.Blocks(List.of(TestBlocks.key(5), TestBlocks.key(6)))))
        .isInstanceOf(ControlOutcome.Done.class);
    for (ExtentTier server : List.of(tier, other, servers.start())) {
      servers.assertAbsent(server, 5);
      servers.assertAbsent(server, 6);
    }
    assertThat(tier.usage().blocks()).isEqualTo(BLOCKS - 2);
    assertThat(delete(a, new Selector.Everything())).isInstanceOf(ControlOutcome.Done.class);
    assertThat(tier.usage().blocks()).isZero();
    assertThat(servers.start().usage().blocks()).isZero();
  }

  @Test
  void asManyGatheredWritesAreUnderWayAsThereAreWriters() {
    ExtentTier tier = servers.start(TestExtents.completeExtents());
    CacheEngine a = engine(tier);
    CountDownLatch together = new CountDownLatch(WRITERS);
    AtomicInteger storing = new AtomicInteger();
    AtomicInteger mostStoring = new AtomicInteger();
    servers.breakCalls(call -> {
      if (call.equals("put")) {
        mostStoring.accumulateAndGet(storing.incrementAndGet(), Math::max);
        together.countDown();
        waitFor(together);
        storing.decrementAndGet();
      }
      return null;
    });
    for (int i = 0; i < WRITERS * EXTENT_BLOCKS; i++) {
      join(write(a, i, AckLevel.MEMORY));
    }
    await().atMost(LIMIT).until(() -> tier.usage().blocks() == WRITERS * EXTENT_BLOCKS);
    assertThat(mostStoring).hasValue(WRITERS);
  }

  @Test
  void aDeletionDoesNotWaitForAGatheredWriteOfOtherBlocks() {
    ExtentTier tier = servers.start(TestExtents.completeExtents());
    CacheEngine a = engine(tier);
    long victim = EXTENT_BLOCKS;
    servers.put(tier, victim, 2);
    CountDownLatch begun = new CountDownLatch(1);
    CountDownLatch release = new CountDownLatch(1);
    AtomicBoolean stuck = new AtomicBoolean();
    servers.breakCalls(call -> {
      if (call.equals("put") && stuck.compareAndSet(false, true)) {
        begun.countDown();
        waitFor(release);
      }
      return null;
    });
    for (int i = 0; i < EXTENT_BLOCKS; i++) {
      join(write(a, i, AckLevel.MEMORY));
    }
    waitFor(begun);
    try {
      assertThat(delete(a, new Selector.Blocks(List.of(TestBlocks.key(victim)))))
          .isInstanceOf(ControlOutcome.Done.class);
    } finally {
      release.countDown();
    }
    servers.assertAbsent(tier, victim);
    await().atMost(LIMIT).until(() -> tier.usage().blocks() == EXTENT_BLOCKS + 1);
  }

  private static void waitFor(CountDownLatch latch) {
    try {
      assertThat(latch.await(LIMIT.toSeconds(), TimeUnit.SECONDS)).isTrue();
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  private static ControlOutcome delete(CacheEngine engine, Selector selector) {
    return join(engine.control().delete(ExtentServers.NAMESPACE, selector, () -> false));
  }

  private CacheEngine engine(ExtentTier tier) {
    Slab slab = Slab.anonymous(1 << 20);
    slabs.add(slab);
    CacheEngine engine =
        new CacheEngine(
            DramTier.transfer(slab),
            List.of(new CacheEngine.Below(tier, AckLevel.SHARED, Long.MAX_VALUE)),
            LeafFirstLru::new,
            new EngineOptions(
                64, 5_000, 8, 5_000, 5_000, 5_000, 10_000, 1 << 20, WRITERS, 1_000, false),
            storage,
            scheduler,
            Clock.system());
    engine.recover();
    engines.add(engine);
    return engine;
  }

  private static CompletionStage<WriteOutcome> write(
      CacheEngine engine, long number, AckLevel level) {
    BlockKey key = TestBlocks.key(number);
    return engine.write(
        new WriteCommand(
            ExtentServers.NAMESPACE,
            key,
            number + 1,
            0,
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
                target.fill((byte) number);
              }
            },
            OptionalInt.empty(),
            0,
            0,
            level));
  }

  private static <T> T join(CompletionStage<T> stage) {
    try {
      return stage.toCompletableFuture().get(60, TimeUnit.SECONDS);
    } catch (Exception e) {
      throw new AssertionError("no outcome", e);
    }
  }
}
