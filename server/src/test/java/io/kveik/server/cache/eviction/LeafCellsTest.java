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
      AgedRecords records = new AgedRecords(memory);
      CellOrder order = new CellOrder();
      LeafCells cells = new LeafCells(records, order);
      double[] youth = new double[ReuseCurves.CELLS];
      for (int cell = 0; cell < youth.length; cell++) {
        youth[cell] = AgeBuckets.COUNT - cell % AgeBuckets.COUNT;
      }
      order.sort(youth);
      cells.reorder();
      Map<Integer, Long> lastUse = new HashMap<>();
      Set<Integer> free = new HashSet<>();
      for (int step = 0; step < 50_000; step++) {
        int id = 1 + random.nextInt(BLOCKS);
        if (random.nextInt(3) == 0) {
          records.tick();
          cells.moveOn();
        }
        if (!lastUse.containsKey(id)) {
          records.enter(id, random.nextInt(ReuseClass.COUNT), 0);
          cells.add(id);
          lastUse.put(id, records.now());
          free.add(id);
        } else if (random.nextInt(50) == 0) {
          if (free.contains(id)) {
            cells.remove(id);
          }
          records.use(id, random.nextInt(ReuseClass.COUNT));
          if (free.contains(id)) {
            cells.add(id);
          }
          lastUse.put(id, records.now());
        } else if (free.remove(id)) {
          cells.remove(id);
        } else {
          cells.add(id);
          free.add(id);
        }
        int first = cells.first();
        if (free.isEmpty()) {
          assertThat(first).isZero();
        } else {
          int oldest = free.stream().min(Comparator.comparing(lastUse::get)).orElseThrow();
          assertThat(free).contains(first);
          assertThat(records.lastUse(first)).isEqualTo(lastUse.get(first));
          assertThat(AgeBuckets.of(records.now() - lastUse.getOrDefault(first, -1L)))
              .as("seed %d step %d", seed, step)
              .isGreaterThanOrEqualTo(
                  AgeBuckets.of(records.now() - lastUse.getOrDefault(oldest, -1L)) - 2);
        }
      }
    }
  }
}
