package io.kveik.server.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.kveik.server.block.AckLevel;
import io.kveik.server.block.BlockKey;
import io.kveik.server.block.ElementType;
import io.kveik.server.block.Fingerprint;
import io.kveik.server.cache.CacheEngine;
import io.kveik.server.cache.EngineOptions;
import io.kveik.server.cache.ReadOutcome;
import io.kveik.server.cache.WriteCommand;
import io.kveik.server.cache.WriteOutcome;
import io.kveik.server.cache.eviction.LeafFirstLru;
import io.kveik.server.memory.Slab;
import io.kveik.server.runtime.Clock;
import io.kveik.server.runtime.Scheduler;
import io.kveik.server.runtime.Workers;
import io.kveik.server.tier.StoredBlock;
import io.kveik.server.tier.dram.DramTier;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.OptionalInt;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A write's payload is the caller's again when the call returns, whatever the write waits for. */
@Timeout(30)
final class EnginePayloadTest {
  private static final Fingerprint NAMESPACE = Fingerprint.of(new byte[Fingerprint.BYTES]);
  private static final BlockKey KEY = BlockKey.of(new byte[BlockKey.BYTES]);
  private static final int PAYLOAD_BYTES = 1_000;
  private static final EngineOptions OPTIONS =
      new EngineOptions(100, 100, 4, 1_000, 100, 1_000, 10, 1 << 20, 1, 100, false);

  private final AtomicLong nanos = new AtomicLong();
  private final Clock clock =
      new Clock() {
        @Override
        public long nanoTime() {
          return nanos.get();
        }

        @Override
        public long wallMillis() {
          return TimeUnit.NANOSECONDS.toMillis(nanos.get());
        }
      };

  @Test
  void replacingAnExpiredBlockCopiesBeforeItReturns() throws Exception {
    Slab slab = Slab.anonymous(1 << 20);
    CountDownLatch busy = new CountDownLatch(1);
    try (Scheduler scheduler = Scheduler.system("timer");
        Workers storage = new Workers("storage", 1, 10);
        CacheEngine engine =
            new CacheEngine(
                DramTier.transfer(slab),
                List.of(),
                LeafFirstLru::new,
                OPTIONS,
                storage,
                scheduler,
                clock)) {
      AtomicBoolean gone = new AtomicBoolean();
      engine.write(write((byte) 1, 1, gone)).toCompletableFuture().join();
      nanos.addAndGet(TimeUnit.MILLISECONDS.toNanos(2));
      // The old block is dropped on a storage thread, which has other things to do first.
      storage.execute(() -> awaitQuietly(busy));
      CompletableFuture<WriteOutcome> replaced =
          engine.write(write((byte) 2, 0, gone)).toCompletableFuture();
      gone.set(true);
      busy.countDown();
      assertThat(replaced.get(5, TimeUnit.SECONDS))
          .isInstanceOfSatisfying(
              WriteOutcome.Stored.class, stored -> assertThat(stored.alreadyPresent()).isFalse());
      assertThat(engine.read(NAMESPACE, KEY).toCompletableFuture().join())
          .isInstanceOfSatisfying(
              ReadOutcome.Hit.class,
              hit -> {
                try (StoredBlock block = hit.block()) {
                  assertThat(block.payload().toArray(java.lang.foreign.ValueLayout.JAVA_BYTE))
                      .hasSize(PAYLOAD_BYTES)
                      .containsOnly(2);
                }
              });
    } finally {
      busy.countDown();
    }
    assertThat(slab.liveLeases()).isZero();
  }

  private static WriteCommand write(byte fill, long ttlMillis, AtomicBoolean gone) {
    WriteCommand.Payload payload =
        new WriteCommand.Payload() {
          @Override
          public int length() {
            return PAYLOAD_BYTES;
          }

          @Override
          public void copyTo(MemorySegment target) {
            target.fill(gone.get() ? (byte) -1 : fill);
          }
        };
    return new WriteCommand(
        NAMESPACE,
        KEY,
        1,
        0,
        128,
        ElementType.UNDECLARED,
        new byte[] {1},
        payload,
        OptionalInt.empty(),
        ttlMillis,
        0,
        AckLevel.MEMORY);
  }

  private static void awaitQuietly(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
