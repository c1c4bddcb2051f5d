package io.kveik.bench.whatif.reference;

import static org.assertj.core.api.Assertions.assertThat;

import io.kveik.bench.whatif.SimulatedCache;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What holds for every reference cache, and the plain ones again in the plainest form. */
class ReferenceTest {
  private static final int BLOCKS = 300;

  @ParameterizedTest
  @EnumSource(Reference.class)
  void holdsAsManyBlocksAsThereIsRoomForAndNoMore(Reference reference) {
    for (int capacity : new int[] {2, 17, 120, BLOCKS}) {
      SimulatedCache cache = cache(reference, capacity);
      Random random = new Random(7);
      for (int i = 0; i < 20_000; i++) {
        cache.use(skewed(random));
        assertThat(size(cache)).as("capacity %d", capacity).isLessThanOrEqualTo(capacity);
        if (i % 64 == 0) {
          cache.requested();
        }
      }
      assertThat(size(cache)).isGreaterThanOrEqualTo(capacity / 2);
    }
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3})
  void listsAreWhatQueuesWouldBe(long seed) {
    Random random = new Random(seed);
    BlockLists lists = new BlockLists(40, 3);
    List<Deque<Integer>> queues =
        IntStream.range(0, 3).<Deque<Integer>>mapToObj(_ -> new ArrayDeque<>()).toList();
    for (int i = 0; i < 5_000; i++) {
      int block = random.nextInt(40);
      int list = random.nextInt(4);
      queues.forEach(queue -> queue.remove(block));
      if (list == 3) {
        lists.remove(block);
      } else {
        queues.get(list).add(block);
        lists.renew(block, list);
      }
      for (int k = 0; k < 3; k++) {
        assertThat(contents(lists, k)).as("seed %d", seed).isEqualTo(List.copyOf(queues.get(k)));
        assertThat(lists.size(k)).isEqualTo(queues.get(k).size());
      }
    }
  }

  /** Of four blocks two were used again: the hand passes over them, takes the next, and stays. */
  @Test
  void handOfSieveStaysWhereItTookABlock() {
    Sieve sieve = new Sieve(10, 4);
    for (int block : new int[] {0, 1, 2, 3, 0, 1}) {
      sieve.use(block);
    }
    sieve.use(4);
    assertThat(held(sieve)).containsExactly(0, 1, 3, 4);
    sieve.use(5);
    assertThat(held(sieve)).containsExactly(0, 1, 4, 5);
  }

  /** A block that was used once can't push out one that was used twice. */
  @Test
  void windowOfTinyLfuLetsOnlyThoseInThatWereUsedMore() {
    WTinyLfu cache = new WTinyLfu(10, 3);
    for (int block : new int[] {0, 0, 1, 1, 2, 3, 4}) {
      cache.use(block);
    }
    assertThat(held(cache)).containsExactly(0, 1, 4);
    cache.use(5);
    cache.use(5);
    cache.use(5);
    cache.use(6);
    assertThat(held(cache)).containsExactly(1, 5, 6);
  }

  private static SimulatedCache cache(Reference reference, int capacity) {
    return reference.candidate().caches().of(BLOCKS, capacity);
  }

  private static List<Integer> held(SimulatedCache cache) {
    return IntStream.range(0, 10).filter(cache::has).boxed().toList();
  }

  private static long size(SimulatedCache cache) {
    return IntStream.range(0, BLOCKS).filter(cache::has).count();
  }

  private static int skewed(Random random) {
    return (int) (BLOCKS * Math.pow(random.nextDouble(), 2));
  }

  private static List<Integer> contents(BlockLists lists, int list) {
    List<Integer> contents = new ArrayList<>();
    for (int at = lists.oldest(list); at != BlockLists.NONE; at = lists.younger(at)) {
      contents.add(at);
    }
    return contents;
  }
}
