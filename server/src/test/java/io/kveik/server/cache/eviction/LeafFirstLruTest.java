package io.kveik.server.cache.eviction;

import static org.assertj.core.api.Assertions.assertThat;

import io.kveik.server.memory.RecordMemory;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The policy alone, as a simulator would run it. */
class LeafFirstLruTest {
  private static final int BLOCKS = 400;

  /** Holds and releases at random, so that released blocks belong anywhere in the order. */
  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5})
  void victimIsTheLeastRecentlyUsedOfTheFree(long seed) {
    Random random = new Random(seed);
    try (RecordMemory memory = RecordMemory.open()) {
      EvictionPolicy policy = new LeafFirstLru(memory);
      TreeMap<Long, Integer> freeByUse = new TreeMap<>();
      long[] usedAt = new long[BLOCKS + 1];
      boolean[] free = new boolean[BLOCKS + 1];
      for (int step = 1; step <= 100_000; step++) {
        int id = 1 + random.nextInt(BLOCKS);
        if (usedAt[id] == 0) {
          policy.inserted(id, new BlockTraits());
          usedAt[id] = step;
          free[id] = true;
          freeByUse.put((long) step, id);
        } else {
          switch (random.nextInt(4)) {
            case 0 -> {
              policy.touched(id);
              freeByUse.remove(usedAt[id]);
              usedAt[id] = step;
              if (free[id]) {
                freeByUse.put((long) step, id);
              }
            }
            case 1 -> {
              if (free[id]) {
                policy.held(id);
                freeByUse.remove(usedAt[id]);
              } else {
                policy.released(id);
                freeByUse.put(usedAt[id], id);
              }
              free[id] = !free[id];
            }
            case 2 -> {
              policy.removed(id);
              freeByUse.remove(usedAt[id]);
              usedAt[id] = 0;
            }
            default -> {}
          }
        }
        int expected =
            freeByUse.isEmpty() ? EvictionPolicy.NONE : freeByUse.firstEntry().getValue();
        assertThat(policy.victim()).as("seed %d step %d", seed, step).isEqualTo(expected);
      }
    }
  }
}
