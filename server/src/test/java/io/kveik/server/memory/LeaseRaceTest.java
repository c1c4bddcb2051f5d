package io.kveik.server.memory;

import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Readers, an index and evictors at once. Every allocation is filled with one stamp of its own, and
 * memory is short, so freed bytes are overwritten at once: a reader that sees two stamps has read
 * after the free.
 */
class LeaseRaceTest {

  private static final int SLOTS = 8;
  private static final int READERS = 4;
  private static final int EVICTORS = 3;
  private static final int READS = 10_000;

  @ParameterizedTest(name = "seed {0}")
  @ValueSource(longs = {11, 12, 13})
  void readersNeverSeeFreedBytes(long seed) throws Exception {
    Slab slab = Slab.anonymous(16 * 1024);
    AtomicReferenceArray<Lease> index = new AtomicReferenceArray<>(SLOTS);
    AtomicLong stamps = new AtomicLong();
    CountDownLatch reading = new CountDownLatch(READERS);
    List<Callable<Void>> tasks = new ArrayList<>();
    for (int i = 0; i < READERS; i++) {
      Random random = new Random(seed * 100 + i);
      tasks.add(() -> read(index, random, reading));
    }
    for (int i = 0; i < EVICTORS; i++) {
      Random random = new Random(-seed * 100 - i);
      tasks.add(() -> replace(slab, index, random, stamps, reading));
    }
    runAll(tasks);

    assertThat(stamps.get()).isPositive();
    for (int slot = 0; slot < SLOTS; slot++) {
      Lease last = index.get(slot);
      if (last != null) {
        last.close();
      }
    }
    assertThat(slab.liveLeases()).isZero();
    assertThat(slab.stats()).isEqualTo(new SlabStats(16 * 1024, 0, 0, 16_320, 16_304, 0, 0));
    slab.close();
  }

  @Test
  void oneLeaseClosedByManyThreadsReleasesOnce() throws Exception {
    int count = 50_000;
    try (Slab slab = Slab.anonymous(8 << 20)) {
      List<Lease> shared = new ArrayList<>();
      List<Lease> others = new ArrayList<>();
      for (int i = 0; i < count; i++) {
        Lease lease = requireNonNull(slab.allocate(64));
        shared.add(lease);
        others.add(lease.retain());
      }
      // Threads that go over the same leases in the same order keep meeting at one.
      CyclicBarrier start = new CyclicBarrier(READERS);
      Callable<Void> closeAll =
          () -> {
            start.await();
            shared.forEach(Lease::close);
            return null;
          };
      runAll(Collections.nCopies(READERS, closeAll));
      assertThat(slab.liveLeases()).isEqualTo(count);
      assertThat(slab.stats().liveAllocations()).isEqualTo(count);
      others.forEach(Lease::close);
      assertThat(slab.liveLeases()).isZero();
      assertThat(slab.stats().liveAllocations()).isZero();
    }
  }

  @Test
  void slabClosedUnderReadersIsUnmappedByTheLast() throws Exception {
    for (int turn = 0; turn < 50; turn++) {
      Slab slab = Slab.anonymous(64 * 1024);
      Lease first = requireNonNull(slab.allocate(4096));
      MemorySegment kept = first.segment();
      stamp(kept, turn);
      List<Callable<Void>> tasks = new ArrayList<>();
      for (int i = 0; i < READERS; i++) {
        Lease mine = first.retain();
        long expected = turn;
        tasks.add(() -> {
          try (mine) {
            assertThat(stampOf(mine.segment())).isEqualTo(expected);
          }
          return null;
        });
      }
      tasks.add(() -> {
        slab.close();
        return null;
      });
      tasks.add(() -> {
        first.close();
        return null;
      });
      runAll(tasks);
      assertThat(slab.liveLeases()).isZero();
      assertThat(kept.scope().isAlive()).isFalse();
    }
  }

  /** Reads until there were {@link #READS} hits; evictors go on publishing for as long. */
  private static Void read(
      AtomicReferenceArray<Lease> index, Random random, CountDownLatch reading) {
    try {
      for (int reads = 0; reads < READS; ) {
        Lease found = index.get(random.nextInt(SLOTS));
        Lease lease = found == null ? null : found.tryRetain();
        if (lease == null) {
          Thread.onSpinWait();
          continue;
        }
        long stamp = stampOf(lease.segment());
        Lease second = lease.retain();
        lease.close();
        if (random.nextInt(8) == 0) {
          Thread.onSpinWait();
        }
        assertThat(stampOf(second.segment())).isEqualTo(stamp);
        second.close();
        reads++;
      }
    } finally {
      reading.countDown();
    }
    return null;
  }

  private static Void replace(
      Slab slab,
      AtomicReferenceArray<Lease> index,
      Random random,
      AtomicLong stamps,
      CountDownLatch reading) {
    while (reading.getCount() > 0) {
      Lease fresh = slab.allocate(8L * (1 + random.nextInt(250)));
      if (fresh != null) {
        stamp(fresh.segment(), stamps.incrementAndGet());
      }
      Lease old = index.getAndSet(random.nextInt(SLOTS), fresh);
      if (old != null) {
        old.close();
      }
    }
    return null;
  }

  private static void stamp(MemorySegment segment, long stamp) {
    for (long offset = 0; offset < segment.byteSize(); offset += 8) {
      segment.set(JAVA_LONG, offset, stamp);
    }
  }

  private static long stampOf(MemorySegment segment) {
    long stamp = segment.get(JAVA_LONG, 0);
    for (long offset = 8; offset < segment.byteSize(); offset += 8) {
      if (segment.get(JAVA_LONG, offset) != stamp) {
        throw new AssertionError("two stamps in one allocation: read after free");
      }
    }
    return stamp;
  }

  private static void runAll(List<Callable<Void>> tasks) throws Exception {
    try (ExecutorService threads = Executors.newFixedThreadPool(tasks.size())) {
      for (Future<Void> done : threads.invokeAll(tasks)) {
        done.get();
      }
    }
  }
}
