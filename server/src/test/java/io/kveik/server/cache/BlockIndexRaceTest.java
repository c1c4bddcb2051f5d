package io.kveik.server.cache;

import static org.assertj.core.api.Assertions.assertThat;

import io.kveik.server.block.BlockHeader;
import io.kveik.server.block.BlockKey;
import io.kveik.server.block.Fingerprint;
import io.kveik.server.cache.eviction.LeafFirstLru;
import io.kveik.server.runtime.ManualTime;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Readers beside a writer that recycles slots, pages, namespaces and expiry records as fast as it
 * can. All that the index says of a block follows from its key, so a mixture of two shows.
 */
class BlockIndexRaceTest {
  private static final int READERS = 3;
  private static final int STAYING = 2_000;
  private static final int PASSING = 20_000;
  private static final int CHANGES = 300_000;
  private static final int CLOSES = 50;
  private static final long TTL_MILLIS = 1_000_000;

  private final ManualTime time = new ManualTime();

  @ParameterizedTest
  @ValueSource(longs = {1, 2})
  void readersSeeWholeBlocksAndMissNoneThatStays(long seed)
      throws InterruptedException, ExecutionException {
    AtomicBoolean done = new AtomicBoolean();
    try (BlockIndex index = new BlockIndex(1, LeafFirstLru::new, 64, time);
        ExecutorService threads = Executors.newFixedThreadPool(READERS)) {
      for (int id = 0; id < STAYING; id++) {
        index.enter(header(id), 0, true);
      }
      List<Future<Long>> readers = new ArrayList<>();
      for (int i = 0; i < READERS; i++) {
        Random random = new Random(seed * 100 + i);
        readers.add(threads.submit(() -> read(index, random, done)));
      }
      try {
        change(index, new Random(seed));
      } finally {
        done.set(true);
      }
      long hits = 0;
      for (Future<Long> reader : readers) {
        hits += reader.get();
      }
      assertThat(hits).as("hits on blocks that come and go").isPositive();
    }
  }

  /** The memory goes from under readers: they see a whole block or none, and then none. */
  @ParameterizedTest
  @ValueSource(longs = {3, 4})
  void findsThatTheCloseOvertakesSeeNothingHalf(long seed)
      throws InterruptedException, ExecutionException {
    Random random = new Random(seed);
    try (ExecutorService threads = Executors.newFixedThreadPool(READERS)) {
      for (int round = 0; round < CLOSES; round++) {
        BlockIndex index = new BlockIndex(1, LeafFirstLru::new, 64, time);
        for (int id = 0; id < STAYING; id++) {
          index.enter(header(id), 0, true);
        }
        CountDownLatch reading = new CountDownLatch(READERS);
        List<Future<?>> readers = new ArrayList<>();
        for (int i = 0; i < READERS; i++) {
          boolean ahead = i > 0;
          int first = random.nextInt(STAYING);
          readers.add(threads.submit(() -> findUntilClosed(index, first, ahead, reading)));
        }
        reading.await();
        index.close();
        for (Future<?> reader : readers) {
          reader.get();
        }
        assertThat(index.finder().find(header(0).key(), new BlockView())).isFalse();
      }
    }
  }

  private static void findUntilClosed(
      BlockIndex index, int first, boolean ahead, CountDownLatch reading) {
    BlockView view = new BlockView();
    KeyWindow window = new KeyWindow();
    boolean found = true;
    for (int id = first; found; id = (id + 1) % STAYING) {
      BlockHeader expected = header(id);
      if (ahead) {
        window.clear();
        window.add(expected.key());
        index.finder().readAhead(window);
        found = index.finder().find(window, 0, view);
      } else {
        found = index.finder().find(expected.key(), view);
      }
      reading.countDown();
      if (found) {
        assertThat(view.label()).as("label of %d", id).isEqualTo(expected.label());
        assertThat(view.inNamespace(expected.namespace())).as("namespace of %d", id).isTrue();
        assertThat(view.tiers).as("tiers of %d", id).isEqualTo(1);
      }
    }
    assertThat(index.finder().closed()).as("a block that stays is missed").isTrue();
  }

  private long read(BlockIndex index, Random random, AtomicBoolean done) {
    long hits = 0;
    BlockView view = new BlockView();
    Prefix prefix = new Prefix();
    KeyWindow window = new KeyWindow();
    int[] ids = new int[KeyWindow.CAPACITY];
    for (int i = 0; !done.get() || hits == 0; i++) {
      // A window of finds of what was read ahead, then one of what wasn't.
      int place = i % ids.length;
      boolean ahead = i / ids.length % 2 == 0;
      if (place == 0) {
        window.clear();
        for (int next = 0; next < ids.length; next++) {
          ids[next] = random.nextInt(STAYING + PASSING);
          window.add(header(ids[next]).key());
        }
        if (ahead) {
          index.finder().readAhead(window);
        }
      }
      int id = ids[place];
      BlockHeader expected = header(id);
      boolean found =
          ahead
              ? index.finder().find(window, place, view)
              : index.finder().find(expected.key(), view);
      assertThat(found || id >= STAYING).as("block %d stays", id).isTrue();
      if (found) {
        assertThat(view.label()).as("label of %d", id).isEqualTo(expected.label());
        assertThat(view.inNamespace(expected.namespace())).as("namespace of %d", id).isTrue();
        assertThat(view.tiers).as("tiers of %d", id).isEqualTo(1);
        assertThat(view.expiresAtNanos != BlockView.NEVER)
            .as("TTL of %d", id)
            .isEqualTo(expected.expiresAtMillis() != BlockHeader.NEVER_EXPIRES);
        hits += id < STAYING ? 0 : 1;
        prefix.add(view);
        if (i % 64 == 0) {
          // By now its slot may be another's, which must not count as used.
          index.touch(prefix, 1);
          prefix = new Prefix();
        }
      }
    }
    return hits;
  }

  /** In waves, so that pages split and are cleaned; the oldest leave first, or the newest. */
  private void change(BlockIndex index, Random random) {
    ArrayDeque<Integer> present = new ArrayDeque<>();
    List<Integer> absent = new ArrayList<>();
    for (int id = STAYING; id < STAYING + PASSING; id++) {
      absent.add(id);
    }
    for (int step = 0; step < CHANGES; step++) {
      boolean growing = step / 15_000 % 2 == 0;
      if (!absent.isEmpty() && (present.isEmpty() || random.nextInt(10) < (growing ? 8 : 3))) {
        int id = absent.set(random.nextInt(absent.size()), absent.getLast());
        absent.removeLast();
        assertThat(index.enter(header(id), 0, false)).isTrue();
        present.add(id);
      } else {
        int id = random.nextBoolean() ? present.removeFirst() : present.removeLast();
        assertThat(index.leave(header(id).key(), 0, Departure.DELETED)).isTrue();
        absent.add(id);
      }
    }
  }

  private static BlockHeader header(int id) {
    long mixed = (id + 1) * 0x9E3779B97F4A7C15L;
    // Every tag is shared by four keys, every namespace by few.
    BlockKey key = new BlockKey((id / 4 + 1) * 0x9E3779B97F4A7C15L, mixed, ~mixed, id);
    Fingerprint namespace = new Fingerprint(id % 997, id % 997, 5, 6);
    return new BlockHeader(
        key,
        namespace,
        mixed,
        0,
        0,
        128,
        0,
        100,
        0,
        0,
        0,
        id % 3 == 0 ? TTL_MILLIS + 1_700_000_000_000L : BlockHeader.NEVER_EXPIRES,
        0);
  }
}
