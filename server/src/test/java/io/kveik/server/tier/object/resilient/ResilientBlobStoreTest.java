package io.kveik.server.tier.object.resilient;

import static org.assertj.core.api.Assertions.assertThat;

import io.kveik.server.memory.Lease;
import io.kveik.server.memory.Slab;
import io.kveik.server.runtime.Clock;
import io.kveik.server.runtime.Randomness;
import io.kveik.server.runtime.Scheduler;
import io.kveik.server.runtime.Workers;
import io.kveik.server.tier.TestBlocks;
import io.kveik.server.tier.object.BlobContainer;
import io.kveik.server.tier.object.BlobFailure;
import io.kveik.server.tier.object.BlobName;
import io.kveik.server.tier.object.BlobOutcome;
import io.kveik.server.tier.object.BlobStore;
import io.kveik.server.tier.object.BlobStoreContract;
import io.kveik.server.tier.object.MemoryBlobStore;
import java.lang.foreign.ValueLayout;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SplittableRandom;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The contract holds for the decorator too, on real threads; and what hedging must not break. */
class ResilientBlobStoreTest extends BlobStoreContract {
  private static final ResilienceOptions OPTIONS =
      new ResilienceOptions(
          5_000,
          5_000,
          3,
          10,
          1,
          10,
          2,
          true,
          new ResilienceOptions.Breaker(10, 800, 1_000, 8_000),
          4,
          16,
          100,
          16);

  private final Scheduler scheduler = Scheduler.system("test-timer");
  private int containers;

  @AfterEach
  void stopTimer() {
    scheduler.close();
  }

  @Override
  protected BlobStore openStore() {
    return resilient(new MemoryBlobStore());
  }

  @Override
  protected BlobContainer newContainer() {
    return container("c" + containers++);
  }

  @Override
  protected BlobStore openUnreachable() {
    return resilient(failing(new MemoryBlobStore()));
  }

  @Test
  void oneFailingAccountIsNoReasonToLeaveAnotherAlone() {
    MemoryBlobStore below = new MemoryBlobStore();
    BlobContainer bad = new BlobContainer("bad", URI.create("memory:/bad"), "c");
    BlobContainer good = container("c");
    try (ResilientBlobStore store = resilient(below)) {
      failing(below);
      for (int i = 0; i < 12; i++) {
        store.head(new BlobName(bad, "b"), TIMEOUT_MILLIS);
      }
      below.setFaults(MemoryBlobStore.Faults.NONE);
      assertThat(store.reachable(bad)).isFalse();
      assertThat(store.openAccounts()).isEqualTo(1);
      long before = below.calls();
      assertThat(store.head(new BlobName(bad, "b"), TIMEOUT_MILLIS))
          .isInstanceOf(BlobOutcome.Failed.class);
      assertThat(below.calls()).isEqualTo(before);
      assertThat(store.reachable(good)).isTrue();
      assertThat(store.head(new BlobName(good, "b"), TIMEOUT_MILLIS))
          .isEqualTo(new BlobOutcome.NotThere());
    }
  }

  @Test
  void hedgedReadsNeverWriteToMemoryThatWasGivenBack() throws Exception {
    long seed = TestBlocks.seed("hedged reads");
    int blobs = 16;
    MemoryBlobStore below = new MemoryBlobStore();
    BlobContainer container = container("hedged");
    try (Slab memory = Slab.anonymous(4L << 20)) {
      ResilientBlobStore store = resilient(below);
      for (int i = 0; i < blobs; i++) {
        try (Lease body = Objects.requireNonNull(memory.allocate(10_000))) {
          body.segment().fill((byte) i);
          store.put(blob(container, i), Map.of(), body.segment(), TIMEOUT_MILLIS);
        }
      }
      SlowAtTimes slow = new SlowAtTimes(seed);
      try (ExecutorService readers = Executors.newFixedThreadPool(8)) {
        List<Future<?>> done = new ArrayList<>();
        for (int reader = 0; reader < 8; reader++) {
          SplittableRandom random = new SplittableRandom(seed + reader);
          done.add(
              readers.submit(() -> {
                for (int i = 0; i < 250; i++) {
                  readOne(store, slow, memory, container, random.nextInt(blobs));
                }
              }));
        }
        for (Future<?> one : done) {
          one.get(60, TimeUnit.SECONDS);
        }
      }
      store.close();
      ResilienceCounters counters = store.counters();
      System.out.printf(
          "ResilientBlobStoreTest: %d calls, %d hedges, %d won%n",
          counters.calls.sum(), counters.hedges.sum(), counters.hedgesWon.sum());
      assertThat(counters.hedges.sum()).isPositive();
      assertThat(counters.tries.sum()).isLessThanOrEqualTo(counters.calls.sum() * 11 / 10);
      assertThat(memory.liveLeases()).isZero();
    }
  }

  /** Slow between the arrival of the first and the last byte, now and then. */
  private static final class SlowAtTimes {
    private final SplittableRandom random;

    SlowAtTimes(long seed) {
      this.random = new SplittableRandom(seed);
    }

    synchronized long pauseMillis() {
      return random.nextInt(30) == 0 ? 30 : 0;
    }
  }

  private static void readOne(
      ResilientBlobStore store,
      SlowAtTimes slow,
      Slab memory,
      BlobContainer container,
      int number) {
    BlobOutcome.Get got =
        store.get(
            blob(container, number),
            (metadata, length) -> {
              Lease lease = Objects.requireNonNull(memory.allocate(length), "test memory full");
              // The bytes are copied after this returns: into memory that the reader's winner, or
              // the next block, may lie in by then, if a lease were given back too early.
              LockSupport.parkNanos(slow.pauseMillis() * 1_000_000);
              return lease;
            },
            TIMEOUT_MILLIS);
    BlobOutcome.Fetched fetched = (BlobOutcome.Fetched) got;
    try (Lease body = fetched.body()) {
      for (int round = 0; round < 3; round++) {
        for (byte one : body.segment().toArray(ValueLayout.JAVA_BYTE)) {
          if (one != number) {
            throw new AssertionError("blob " + number + " holds a byte of blob " + one);
          }
        }
        LockSupport.parkNanos(10_000);
      }
    }
  }

  private ResilientBlobStore resilient(BlobStore store) {
    return new ResilientBlobStore(
        store,
        OPTIONS,
        new Workers("test-object", 20, 20),
        scheduler,
        Clock.system(),
        Randomness::below);
  }

  private static MemoryBlobStore failing(MemoryBlobStore store) {
    store.setFaults(call ->
        new MemoryBlobStore.Fault(
            new BlobFailure(BlobFailure.Kind.UNAVAILABLE, 0, "nobody there"), false));
    return store;
  }

  private static BlobName blob(BlobContainer container, int number) {
    return new BlobName(container, "blob" + number);
  }

  private static BlobContainer container(String name) {
    return new BlobContainer("account", URI.create("memory:/"), name);
  }
}
