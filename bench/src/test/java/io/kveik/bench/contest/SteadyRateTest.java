package io.kveik.bench.contest;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.stream.DoubleStream;
import org.junit.jupiter.api.Test;

class SteadyRateTest {
  @Test
  void aRateThatRisesIsNotSteadyUntilItStops() {
    assertThat(windowsUntilSteady(100, 200, 250, 280, 300, 305, 302, 308, 900)).isEqualTo(8);
  }

  @Test
  void oneThatIsTheSameFromTheStartIsSteadyAfterFourWindows() {
    assertThat(windowsUntilSteady(100, 100, 100, 100, 100)).isEqualTo(4);
  }

  @Test
  void swingsBelowTheBestDoNotCountAsRising() {
    assertThat(windowsUntilSteady(100, 60, 95, 70, 99)).isEqualTo(4);
  }

  @Test
  void aRiseAfterAPauseStartsAnew() {
    assertThat(windowsUntilSteady(100, 100, 100, 120, 118, 121, 119)).isEqualTo(7);
  }

  @Test
  void aStoreThatAnswersNothingIsSteady() {
    assertThat(windowsUntilSteady(0, 0, 0)).isEqualTo(3);
  }

  private static int windowsUntilSteady(double... rates) {
    SteadyRate steady = new SteadyRate();
    return (int) DoubleStream.of(rates).takeWhile(rate -> !steady.add(rate)).count() + 1;
  }
}
