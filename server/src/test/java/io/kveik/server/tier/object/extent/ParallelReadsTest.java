package io.kveik.server.tier.object.extent;

import static org.assertj.core.api.Assertions.assertThat;

import io.kveik.server.runtime.Workers;
import io.kveik.server.tier.PutOutcome;
import io.kveik.server.tier.object.Background;
import io.kveik.server.tier.object.BlobFailure;
import io.kveik.server.tier.object.MemoryBlobStore.Fault;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A server that starts on a container with many extents reads their tables beside each other. */
@Timeout(120)
class ParallelReadsTest {
  private static final int EXTENTS = 30;
  private static final int BLOCKS_EACH = 3;

  private final ExtentServers servers = new ExtentServers("ParallelReadsTest");
  private final AtomicInteger reading = new AtomicInteger();
  private final AtomicInteger mostReading = new AtomicInteger();

  @AfterEach
  void close() {
    servers.close();
  }

  @Test
  void tablesAreReadAsManyAtATimeAsIsAllowedAndNoMore() {
    fill();
    letReadsMeet();
    // More threads than reads that are allowed.
    ExtentTier started =
        servers.start(TestExtents.options(2), onThreads(2 * TestExtents.TABLE_READS));
    assertThat(mostReading).hasValue(TestExtents.TABLE_READS);
    assertThat(started.status().unlearned()).isZero();
    assertThat(started.usage().blocks()).isEqualTo(EXTENTS * BLOCKS_EACH);
    for (int block = 0; block < EXTENTS * BLOCKS_EACH; block++) {
      servers.assertHit(started, block);
    }
  }

  @Test
  void aPutOfManyAsksSideBySideForThoseThatMayBeThere() {
    fill();
    ExtentTier tier = servers.start(TestExtents.options(2), onThreads(2 * TestExtents.TABLE_READS));
    letReadsMeet();
    assertThat(servers.put(tier, 0, EXTENTS * BLOCKS_EACH))
        .containsOnly(new PutOutcome.AlreadyPresent());
    assertThat(mostReading).hasValue(TestExtents.TABLE_READS);
  }

  @Test
  void allIsNotLearnedWhileOneTableCannotBeRead() {
    fill();
    for (RuntimeException thrown : new RuntimeException[] {null, new IllegalStateException()}) {
      AtomicInteger reads = new AtomicInteger();
      servers.breakCalls(call -> {
        if (!call.equals("getRange") || reads.incrementAndGet() != EXTENTS / 2) {
          return null;
        }
        if (thrown != null) {
          throw thrown;
        }
        return new Fault(new BlobFailure(BlobFailure.Kind.UNAVAILABLE, 0, "down"), false);
      });
      ExtentTier started =
          servers.start(TestExtents.options(2), onThreads(TestExtents.TABLE_READS));
      assertThat(started.status().unlearned()).isEqualTo(1);
      servers.time.advance(1_000);
      assertThat(started.status().unlearned()).isZero();
      assertThat(started.usage().blocks()).isEqualTo(EXTENTS * BLOCKS_EACH);
    }
  }

  @Test
  void tablesAreReadOnTheCallersThreadWhereThereIsNoOther() {
    fill();
    ExtentTier.Threads closed = onThreads(1);
    closed.tables().close();
    ExtentTier started = servers.start(TestExtents.options(2), closed);
    assertThat(started.status().unlearned()).isZero();
    assertThat(started.usage().blocks()).isEqualTo(EXTENTS * BLOCKS_EACH);
  }

  /** Each read waits until as many are under way as are allowed. */
  private void letReadsMeet() {
    CountDownLatch together = new CountDownLatch(TestExtents.TABLE_READS);
    servers.breakCalls(call -> {
      if (call.equals("getRange")) {
        mostReading.accumulateAndGet(reading.incrementAndGet(), Math::max);
        together.countDown();
        await(together);
        reading.decrementAndGet();
      }
      return null;
    });
  }

  private void fill() {
    ExtentTier writer = servers.start();
    for (int extent = 0; extent < EXTENTS; extent++) {
      servers.put(writer, (long) extent * BLOCKS_EACH, BLOCKS_EACH);
    }
  }

  private static ExtentTier.Threads onThreads(int threads) {
    return new ExtentTier.Threads(
        TestExtents.inline(), Background.on(new Workers("test-tables", threads, EXTENTS)));
  }

  private static void await(CountDownLatch latch) {
    try {
      boolean met = latch.await(20, TimeUnit.SECONDS);
      // Those that wait alone have shown it once.
      while (!met && latch.getCount() > 0) {
        latch.countDown();
      }
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }
}
