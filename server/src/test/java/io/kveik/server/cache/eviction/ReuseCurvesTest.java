package io.kveik.server.cache.eviction;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

class ReuseCurvesTest {
  private static final int CLASS = 7;

  private final ReuseCurves curves = new ReuseCurves(0);
  private final double[] nobody = new double[ReuseCurves.CELLS];
  private final double[] densities = new double[ReuseCurves.CELLS];

  @Test
  void nothingIsKnownAtFirst() {
    curves.densities(nobody, densities);
    assertThat(densities).containsOnly(0);
  }

  @Test
  void blocksThatComeBackAtOneAgeAreWorthMoreTheNearerTheyAreToIt() {
    repeat(100, 64);
    curves.densities(nobody, densities);
    for (int bucket = 1; bucket <= AgeBuckets.of(64); bucket++) {
      assertThat(at(bucket)).isGreaterThanOrEqualTo(at(bucket - 1));
    }
    assertThat(at(AgeBuckets.of(64))).isGreaterThan(4 * at(0));
    assertThat(at(AgeBuckets.of(64) + 1)).as("older than any").isLessThan(at(AgeBuckets.of(64)));
  }

  /** Reuse at once by half the blocks, never by the other half: the horizon is the short one. */
  @Test
  void densityIsTheBestOverAllHorizons() {
    repeat(50, 1);
    for (int i = 0; i < 50; i++) {
      curves.lost(ReuseCurves.cell(CLASS, 1 << 20));
    }
    curves.densities(nobody, densities);
    // 50 hits in the first bucket, half a unit wide, which 100 enter and 50 leave at its middle.
    assertThat(at(0)).isCloseTo(50 / (0.5 * (100 - 25)), within(1e-9));
    assertThat(at(4)).isZero();
  }

  @Test
  void theLivingLowerWhatTheDeadPromise() {
    repeat(100, 64);
    curves.densities(nobody, densities);
    double before = at(AgeBuckets.of(64));
    double[] living = new double[ReuseCurves.CELLS];
    living[ReuseCurves.cell(CLASS, 1000)] = 300;
    curves.densities(living, densities);
    assertThat(at(AgeBuckets.of(64))).isLessThan(before / 3);
  }

  @Test
  void whatFadesCountsLess() {
    repeat(1000, 1);
    curves.fade(0.01);
    repeat(1000, 1 << 20);
    curves.densities(nobody, densities);
    double faded = at(0);
    assertThat(faded).isLessThan(0.03 * 2);
  }

  private void repeat(int lives, long age) {
    for (int i = 0; i < lives; i++) {
      curves.reused(ReuseCurves.cell(CLASS, age));
    }
  }

  private double at(int bucket) {
    return densities[CLASS * AgeBuckets.COUNT + bucket];
  }
}
