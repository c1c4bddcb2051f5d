package io.kveik.server.cache.eviction;

import static org.assertj.core.api.Assertions.assertThat;

import io.kveik.server.memory.RecordMemory;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** What holds for every policy, under seeded made-up traffic. */
class EvictionPolicyTest {
  private static final int STEPS = 2_500;
  private static final int[] CAPACITIES = {3, 60, 300};

  static Stream<Arguments> kindsAndSeeds() {
    return Stream.of(PolicyKind.values())
        .flatMap(kind -> Stream.of(1L, 2L, 3L).map(seed -> Arguments.of(kind, seed)));
  }

  static Stream<Arguments> naiveKindsAndSeeds() {
    return kindsAndSeeds().filter(arguments -> arguments.get()[0] != PolicyKind.DEFAULT);
  }

  /** The driver fails when a victim is held, or when there is none though a block is free. */
  @ParameterizedTest(name = "{0}, seed {1}")
  @MethodSource("kindsAndSeeds")
  void noHeldBlockGoesAndEveryBlockGoesOnce(PolicyKind kind, long seed) {
    for (int capacity : CAPACITIES) {
      try (RecordMemory memory = RecordMemory.open()) {
        TierDriver driver = new TierDriver(seed, capacity, kind.apply(memory));
        assertThat(driver.run(STEPS)).isNotEmpty();
        int left = driver.size();
        assertThat(driver.drain()).isEqualTo(left);
      }
    }
  }

  @ParameterizedTest(name = "{0}, seed {1}")
  @MethodSource("kindsAndSeeds")
  void sameSeedSameVictims(PolicyKind kind, long seed) {
    assertThat(victims(kind, seed)).isEqualTo(victims(kind, seed));
  }

  @ParameterizedTest(name = "{0}, seed {1}")
  @MethodSource("naiveKindsAndSeeds")
  void picksWhatTheNaiveFormPicks(PolicyKind kind, long seed) {
    for (int capacity : CAPACITIES) {
      try (RecordMemory memory = RecordMemory.open()) {
        new TierDriver(seed, capacity, kind.apply(memory), NaivePolicy.of(kind)).run(STEPS);
      }
    }
  }

  private static List<Integer> victims(PolicyKind kind, long seed) {
    try (RecordMemory memory = RecordMemory.open()) {
      return new TierDriver(seed, 200, kind.apply(memory)).run(STEPS);
    }
  }
}
