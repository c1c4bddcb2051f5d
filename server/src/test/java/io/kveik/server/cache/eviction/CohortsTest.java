package io.kveik.server.cache.eviction;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CohortsTest {
  private record Life(int reuseClass, long lastUse) {}

  private final Cohorts cohorts = new Cohorts();
  private final List<Life> living = new ArrayList<>();

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3})
  void countsEverybodyExactlyWhileCohortsAreOfOneTime(long seed) {
    live(seed, 500, 0);
    assertThat(counted(500)).containsExactly(expected(500), within(1e-9));
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3})
  void losesNobodyWhenCohortsGrowLonger(long seed) {
    live(seed, 20_000, 3);
    double[] counted = counted(20_000);
    assertThat(Arrays.stream(counted).sum()).isCloseTo(living.size(), within(1e-6));
    assertThat(Arrays.stream(counted).min().orElseThrow()).isNotNegative();
    double[] expected = expected(20_000);
    for (int i = 0; i < ReuseClass.COUNT; i++) {
      int first = i * AgeBuckets.COUNT;
      double ofClass = Arrays.stream(expected, first, first + AgeBuckets.COUNT).sum();
      assertThat(Arrays.stream(counted, first, first + AgeBuckets.COUNT).sum())
          .as("seed %d class %d", seed, i)
          .isCloseTo(ofClass, within(1e-6));
    }
  }

  /** One block that is never used again must not make the ages of the others coarse. */
  @Test
  void fewOldBlocksBecomeAncient() {
    join(0, 0);
    for (long now = 1; now <= 100_000; now++) {
      cohorts.advance(now);
      for (int i = 0; i < 10; i++) {
        join(1, now);
      }
      while (living.size() > 3_000) {
        leave(1);
      }
    }
    double[] counted = counted(100_000);
    assertThat(Arrays.stream(counted, 0, AgeBuckets.COUNT).sum()).isEqualTo(1);
    assertThat(Arrays.copyOfRange(counted, AgeBuckets.COUNT, ReuseCurves.CELLS))
        .containsExactly(
            Arrays.copyOfRange(expected(100_000), AgeBuckets.COUNT, ReuseCurves.CELLS),
            within(1e-9));
  }

  private void live(long seed, int until, int leaving) {
    Random random = new Random(seed);
    for (long now = 1; now <= until; now++) {
      cohorts.advance(now);
      for (int i = 0; i < 4; i++) {
        join(random.nextInt(ReuseClass.COUNT), now);
      }
      for (int i = 0; i < leaving; i++) {
        leave(random.nextInt(living.size()));
      }
    }
  }

  private void join(int reuseClass, long lastUse) {
    cohorts.join(reuseClass, lastUse);
    living.add(new Life(reuseClass, lastUse));
  }

  private void leave(int place) {
    Life life = living.remove(place);
    cohorts.leave(life.reuseClass, life.lastUse);
  }

  private double[] counted(long now) {
    double[] cells = new double[ReuseCurves.CELLS];
    cohorts.addTo(cells, now);
    return cells;
  }

  private double[] expected(long now) {
    double[] cells = new double[ReuseCurves.CELLS];
    for (Life life : living) {
      cells[ReuseCurves.cell(life.reuseClass, now - life.lastUse)]++;
    }
    return cells;
  }
}
