package io.kveik.server.prefetch;

import static org.assertj.core.api.Assertions.assertThat;

import io.kveik.server.block.BlockKey;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

/** What is remembered of a chain's end. */
class TrailTest {
  private static BlockKey key(long number) {
    return new BlockKey(number, 0, 0, 0);
  }

  private static List<Long> numbers(Trail trail) {
    return trail.keys().stream().map(BlockKey::w0).toList();
  }

  @Test
  void distancesFromTheEndDouble() {
    Trail trail = Trail.of(LongStream.rangeClosed(1, 100).mapToObj(TrailTest::key).toList());
    assertThat(numbers(trail)).containsExactly(100L, 99L, 97L, 93L, 85L, 69L, 37L);
    assertThat(Trail.of(List.of())).isEqualTo(Trail.EMPTY);
  }

  /** However much of a chain's end is gone, what is found is half of the rest at least. */
  @Test
  void theDeepestThatIsLeftIsNeverFar() {
    int length = 10_000;
    List<BlockKey> chain = LongStream.rangeClosed(1, length).mapToObj(TrailTest::key).toList();
    Trail trail = Trail.of(chain);
    for (int left = 1; left <= length; left++) {
      int rest = left;
      long deepest =
          numbers(trail).stream().filter(number -> number <= rest).findFirst().orElse(0L);
      assertThat(rest - deepest).as("%d left", left).isLessThanOrEqualTo(length - rest);
    }
  }

  @Test
  void blocksThatFollowComeFirstAndTheNumberIsBounded() {
    Trail trail = Trail.of(List.of(key(1), key(2)));
    List<Long> expected = new ArrayList<>(List.of(2L, 1L));
    for (long number = 3; number <= 60; number++) {
      trail = trail.then(key(number));
      trail = trail.then(key(number));
      expected.addFirst(number);
    }
    assertThat(numbers(trail)).isEqualTo(expected.subList(0, Trail.MOST));
  }
}
