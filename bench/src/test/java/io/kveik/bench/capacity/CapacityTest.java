package io.kveik.bench.capacity;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** On the figures that the original was published with, whose profiles and counts are known. */
class CapacityTest {
  private static final LatencyBounds NONE = bounds(Double.POSITIVE_INFINITY);

  private static final List<ServerPoint> ORIGINAL =
      List.of(
          point(1, 4.1, 18.81, 22.84),
          point(2, 8.5, 19.17, 25.51),
          point(4, 16.8, 19.60, 32.24),
          point(6, 25.3, 20.19, 28.79),
          point(8, 33.2, 20.61, 35.80),
          point(16, 54.8, 22.29, 43.36),
          point(32, 75.8, 25.96, 69.17),
          point(64, 92.7, 41.97, 157.82),
          point(80, 93.9, 57.04, 166.90));

  @ParameterizedTest
  @CsvSource({"LOW_LATENCY,8", "BALANCED,32", "THROUGHPUT,64"})
  void profilesAreTheOriginalsRecommendations(Profile profile, int concurrency) {
    Capacity.Plan plan =
        Capacity.plan(ORIGINAL, 1_000_000, NONE, Optional.of(profile)).orElseThrow();
    assertThat(plan.point().concurrency()).isEqualTo(concurrency);
  }

  @ParameterizedTest
  @CsvSource({"22,8,31", "25,16,19", "30,32,14", "45,64,11", "60,80,11"})
  void serversForAMillionTokens(double readP50Millis, int concurrency, long servers) {
    Capacity.Plan plan =
        Capacity.plan(ORIGINAL, 1_000_000, bounds(readP50Millis), Optional.empty()).orElseThrow();
    assertThat(plan.point().concurrency()).isEqualTo(concurrency);
    assertThat(plan.servers()).isEqualTo(servers);
    assertThat(plan.load()).isBetween(0.9, 1.0);
  }

  @Test
  void saysWhenNothingKeepsTheBounds() {
    assertThat(Capacity.plan(ORIGINAL, 1, bounds(18), Optional.empty())).isEmpty();
    assertThat(Capacity.plan(List.of(), 1, NONE, Optional.of(Profile.LOW_LATENCY))).isEmpty();
    LatencyBounds lookups =
        new LatencyBounds(Double.MAX_VALUE, Double.MAX_VALUE, 4_000, Double.MAX_VALUE);
    assertThat(Capacity.plan(ORIGINAL, 1, lookups, Optional.empty())).isEmpty();
  }

  @Test
  void aProfileChoosesAmongWhatKeepsTheBounds() {
    assertThat(Capacity.plan(ORIGINAL, 1, bounds(30), Optional.of(Profile.THROUGHPUT)))
        .map(plan -> plan.point().concurrency())
        .contains(32);
  }

  private static LatencyBounds bounds(double readP50Millis) {
    double none = Double.POSITIVE_INFINITY;
    return new LatencyBounds(readP50Millis * 1e3, none, none, none);
  }

  private static ServerPoint point(int concurrency, double kiloTokens, double p50, double p99) {
    return new ServerPoint(concurrency, kiloTokens * 1e3, p50 * 1e3, p99 * 1e3, 4_700, 12_000);
  }
}
