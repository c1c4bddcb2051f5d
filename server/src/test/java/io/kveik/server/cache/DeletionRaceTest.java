package io.kveik.server.cache;

import static io.kveik.server.cache.BlockDeletionTest.assertNothingKept;
import static io.kveik.server.cache.BlockDeletionTest.blocks;
import static io.kveik.server.cache.BlockDeletionTest.delete;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.kveik.server.block.AckLevel;
import io.kveik.server.tier.TestBlocks;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Deletions beside everything else that moves a block. */
@Timeout(120)
class DeletionRaceTest {
  private static final int RACES = Integer.getInteger("kveik.deletion.races", 1_000);

  /** Each round a block is deleted while it is written behind or demoted and read, hot or cold. */
  @ParameterizedTest
  @EnumSource(Admission.class)
  void nothingResurrectsADeletedBlock(Admission admission) throws Exception {
    long seed = TestBlocks.seed("DeletionRaceTest");
    SplittableRandom random = new SplittableRandom(seed);
    try (EngineFixture one = EngineFixture.demoting(8, 64, admission)) {
      one.engine.recover();
      for (int round = 0; round < RACES; round++) {
        long id = 1_000L + random.nextInt(3);
        boolean cold = random.nextInt(3) == 0;
        one.write(id, 0, cold ? AckLevel.SHARED : AckLevel.MEMORY);
        if (cold) {
          for (long filler = 0; filler < 10; filler++) {
            // Not waited for, so that what they push out is on its way down during the race.
            one.write(filler + 1, 0, AckLevel.MEMORY);
          }
        }
        boolean whole = random.nextInt(8) == 0;
        race(one, id, whole, random);
        String what = "seed %d round %d".formatted(seed, round);
        assertThat(one.read(id)).as(what).isEqualTo(ReadOutcome.Reason.ABSENT);
        if (whole) {
          await().until(() -> one.engine.status().tiers().get(1).queuedBlocks() == 0);
          assertThat(one.below.usage().blocks()).as(what).isZero();
        }
      }
      delete(one.engine, new Selector.Everything());
      await().until(() -> one.engine.status().tiers().get(1).queuedBlocks() == 0);
      delete(one.engine, new Selector.Everything());
      assertNothingKept(one);
    }
  }

  private static void race(EngineFixture one, long id, boolean whole, SplittableRandom random)
      throws InterruptedException {
    CountDownLatch start = new CountDownLatch(1);
    AtomicReference<Throwable> failure = new AtomicReference<>();
    List<Thread> threads = new ArrayList<>();
    Selector selector = whole ? new Selector.Everything() : blocks(id);
    threads.add(delayed(start, random.nextInt(2_000), failure, () -> delete(one.engine, selector)));
    for (int reader = 0; reader < 2; reader++) {
      threads.add(delayed(start, random.nextInt(2_000), failure, () -> one.read(id)));
    }
    start.countDown();
    for (Thread thread : threads) {
      thread.join();
    }
    assertThat(failure.get()).isNull();
  }

  private static Thread delayed(
      CountDownLatch start, int spins, AtomicReference<Throwable> failure, Runnable work) {
    return Thread.ofPlatform()
        .start(() -> {
          try {
            start.await();
            for (int i = 0; i < spins; i++) {
              Thread.onSpinWait();
            }
            work.run();
          } catch (Throwable e) {
            failure.set(e);
          }
        });
  }
}
