package io.kveik.server.cache;

import static io.kveik.server.cache.EngineFixture.join;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.kveik.server.block.AckLevel;
import io.kveik.server.block.BlockRef;
import io.kveik.server.cache.eviction.PolicyKind;
import io.kveik.server.memory.Slab;
import io.kveik.server.runtime.ManualTime;
import io.kveik.server.runtime.Workers;
import io.kveik.server.tier.dram.DramTier;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Semaphore;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Taking out what has expired while the same blocks are written anew. */
@Timeout(30)
class ExpirySweepTest {
  private static final int TTL_MILLIS = 1_000;
  private static final byte NEW = 9;

  @Test
  void aBlockWrittenAnewOutlivesTheSweepThatSawTheOldOne() throws Exception {
    try (EngineFixture one = new EngineFixture(16, 8, true)) {
      for (long id = 1; id <= 2; id++) {
        join(one.engine.write(EngineFixture.command(id, 0, AckLevel.SHARED, TTL_MILLIS, (byte) 1)));
      }
      CompletableFuture<BlockRef> first = new CompletableFuture<>();
      Semaphore sweepGoesOn = new Semaphore(0);
      one.below.beforeEviction =
          block -> {
            if (first.complete(block)) {
              sweepGoesOn.acquireUninterruptibly();
            }
          };
      one.time.advance(TTL_MILLIS);
      // The sweep has seen both and is at the first.
      long second = first.get().key().equals(EngineFixture.key(1)) ? 2 : 1;
      assertThat(join(one.engine.write(EngineFixture.command(second, 0, AckLevel.SHARED, 0, NEW))))
          .isInstanceOfSatisfying(
              WriteOutcome.Stored.class, stored -> assertThat(stored.alreadyPresent()).isFalse());
      sweepGoesOn.release();
      // Ends when the sweep has.
      one.storage.close();
      assertThat(one.read(second)).isEqualTo(NEW);
      assertThat(one.below.usage().blocks()).isEqualTo(1);
    }
  }

  /** Between two tiers the sweep has let go of all that the index knew of the old block. */
  @Test
  void whatIsPutDownMeanwhileStaysInTheTierThatTheSweepComesToLast() throws Exception {
    FaultyTier first = new FaultyTier(1 << 20);
    FaultyTier last = new FaultyTier(1 << 20);
    Semaphore sweepIsAtTheFirst = new Semaphore(0);
    Semaphore sweepGoesOn = new Semaphore(0);
    ManualTime time = new ManualTime();
    Workers storage = new Workers("test-storage", 4, 100);
    Slab slab = Slab.anonymous(1 << 20);
    try (CacheEngine engine =
        new CacheEngine(
            DramTier.transfer(slab),
            List.of(
                new CacheEngine.Below(first, AckLevel.LOCAL, 1 << 20, Admission.WRITE),
                new CacheEngine.Below(last, AckLevel.SHARED, 1 << 20, Admission.WRITE)),
            PolicyKind.LRU,
            EngineFixture.options(8),
            ControlOptions.small(1 << 20),
            Journal.forgetful(),
            KeptSettings.forgetful(),
            storage,
            time,
            time)) {
      // Nothing of it in the last tier, so that the index forgets it before the sweep gets there.
      last.broken = true;
      join(engine.write(EngineFixture.command(1, 0, AckLevel.LOCAL, TTL_MILLIS, (byte) 1)));
      await().until(() -> last.puts.get() > 0);
      last.broken = false;
      first.beforeEviction =
          _ -> {
            sweepIsAtTheFirst.release();
            sweepGoesOn.acquireUninterruptibly();
          };
      time.advance(TTL_MILLIS);
      sweepIsAtTheFirst.acquire();
      engine.write(EngineFixture.command(1, 0, AckLevel.SHARED, 0, NEW));
      await().until(() -> last.usage().blocks() == 1);
      sweepGoesOn.release(100);
      await().until(() -> engine.status().tiers().get(1).usage().blocks() == 1);
      storage.close();
      assertThat(last.usage().blocks()).isEqualTo(1);
      assertThat(
              EngineFixture.contentOf(
                  join(engine.read(EngineFixture.NAMESPACE, EngineFixture.key(1)))))
          .isEqualTo(NEW);
    } finally {
      sweepGoesOn.release(100);
      storage.close();
      first.destroy();
      last.destroy();
    }
  }
}
