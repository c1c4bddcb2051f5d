package io.kveik.server.cache.eviction;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.kveik.server.memory.RecordMemory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class BlockValueTest {
  private static final BlockValue BY_COST = BlockValue.costPerByte(100);

  @Test
  void worthDoublesAtTheStatedDepthAndHalvesWithTwiceTheBytes() {
    double first = worth(0, 1 << 20);
    assertThat(worth(100, 1 << 20)).isEqualTo(2 * first);
    assertThat(worth(300, 1 << 20)).isEqualTo(4 * first);
    assertThat(worth(0, 1 << 21)).isEqualTo(first / 2);
    assertThat(worth(1 << 30, 1)).isGreaterThan(worth(0, Long.MAX_VALUE));
  }

  @Test
  void theLeastValuableGoesWhenNothingElseIsKnown() {
    try (RecordMemory memory = RecordMemory.open()) {
      EvictionPolicy policy = PolicyKind.defaultBy(BY_COST).apply(memory);
      policy.inserted(1, traits(100_000, 1 << 20));
      policy.inserted(2, traits(0, 1 << 20));
      use(policy, 40);
      assertThat(policy.victim()).isEqualTo(2);
    }
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3})
  void whereAllAreWorthTheSameItIsTheDefault(long seed) {
    try (RecordMemory memory = RecordMemory.open()) {
      EvictionPolicy byCost = PolicyKind.defaultBy(BY_COST).apply(memory);
      EvictionPolicy alike = PolicyKind.DEFAULT.apply(memory);
      // The driver's blocks have no depth and no bytes; it fails where victims differ.
      assertThat(new TierDriver(seed, 100, byCost, alike).run(2_000)).isNotEmpty();
    }
  }

  @Test
  void refusesADepthThatIsNone() {
    assertThatThrownBy(() -> BlockValue.costPerByte(0))
        .isInstanceOf(IllegalArgumentException.class);
  }

  /** Both blocks come back alike, until the densities are worked out. */
  private static void use(EvictionPolicy policy, int rounds) {
    for (int i = 0; i < rounds; i++) {
      policy.requested();
      policy.touched(1);
      policy.touched(2);
    }
  }

  private static double worth(int depth, long bytes) {
    return BY_COST.worth(BY_COST.level(traits(depth, bytes)));
  }

  private static BlockTraits traits(int depth, long bytes) {
    BlockTraits traits = new BlockTraits();
    traits.identity = depth + 31 * bytes;
    traits.depth = depth;
    traits.bodyBytes = bytes;
    return traits;
  }
}
