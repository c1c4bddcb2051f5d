package io.kveik.server.cache.eviction;

import static org.assertj.core.api.Assertions.assertThat;

import io.kveik.server.memory.RecordMemory;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LeafCellsTest {
  private static final int BLOCKS = 300;

  /** Old cells first: what comes first is of the oldest bucket there is, or of the one before. */
  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3})
  void blocksMoveOnAsTheyGrowOlder(long seed) {
    Random random = new Random(seed);
    try (RecordMemory memory = RecordMemory.open()) {
      LeafCells cells = new LeafCells(memory);
      double[] youth = new double[ReuseCurves.CELLS];
      for (int cell = 0; cell < youth.length; cell++) {
        youth[cell] = AgeBuckets.COUNT - cell % AgeBuckets.COUNT;
      }
      cells.rank(youth);
      Map<Integer, Long> lastUse = new HashMap<>();
      Set<Integer> free = new HashSet<>();
      for (int step = 0; step < 50_000; step++) {
        int id = 1 + random.nextInt(BLOCKS);
        if (random.nextInt(3) == 0) {
          cells.tick();
        }
        if (!lastUse.containsKey(id)) {
          cells.enter(id, random.nextInt(ReuseClass.COUNT));
          lastUse.put(id, cells.now());
          free.add(id);
        } else if (random.nextInt(50) == 0) {
          cells.use(id, random.nextInt(ReuseClass.COUNT));
          lastUse.put(id, cells.now());
        } else if (free.remove(id)) {
          cells.hold(id);
        } else {
          cells.release(id);
          free.add(id);
        }
        int first = cells.first();
        if (free.isEmpty()) {
          assertThat(first).isZero();
        } else {
          int oldest = free.stream().min(Comparator.comparing(lastUse::get)).orElseThrow();
          assertThat(free).contains(first);
          assertThat(cells.lastUse(first)).isEqualTo(lastUse.get(first));
          assertThat(AgeBuckets.of(cells.now() - lastUse.get(first)))
              .as("seed %d step %d", seed, step)
              .isGreaterThanOrEqualTo(AgeBuckets.of(cells.now() - lastUse.get(oldest)) - 2);
        }
      }
    }
  }
}
