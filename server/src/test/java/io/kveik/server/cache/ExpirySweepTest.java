package io.kveik.server.cache;

import static io.kveik.server.cache.EngineFixture.join;
import static org.assertj.core.api.Assertions.assertThat;

import io.kveik.server.block.AckLevel;
import io.kveik.server.block.BlockRef;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
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
      CountDownLatch sweepGoesOn = new CountDownLatch(1);
      one.below.beforeEviction =
          block -> {
            if (first.complete(block)) {
              awaitUninterrupted(sweepGoesOn);
            }
          };
      one.time.advance(TTL_MILLIS);
      // The sweep has seen both and is at the first.
      long second = first.get().key().equals(EngineFixture.key(1)) ? 2 : 1;
      assertThat(join(one.engine.write(EngineFixture.command(second, 0, AckLevel.SHARED, 0, NEW))))
          .isInstanceOfSatisfying(
              WriteOutcome.Stored.class, stored -> assertThat(stored.alreadyPresent()).isFalse());
      sweepGoesOn.countDown();
      // Ends when the sweep has.
      one.storage.close();
      assertThat(one.read(second)).isEqualTo(NEW);
      assertThat(one.below.usage().blocks()).isEqualTo(1);
    }
  }

  private static void awaitUninterrupted(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }
}
