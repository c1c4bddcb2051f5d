package io.kveik.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Arrays;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

/** Known answers were computed with another SHA-256 (Python's hashlib). */
final class ChainLabelsTest {
  private static final long[] COUNTING = LongStream.range(0, 400).toArray();

  @Test
  void labelsMatchKnownAnswers() {
    assertThat(ChainLabels.label(0, new long[] {1, 2, 3}, 0, 3)).isEqualTo(0xc4c96cd71102046cL);
    assertThat(ChainLabels.label(0, new long[0], 0, 0)).isEqualTo(0xaf5570f5a1810b7aL);
    assertThat(ChainLabels.label(-1, new long[] {-1, 0, Long.MAX_VALUE, Long.MIN_VALUE}, 0, 4))
        .isEqualTo(0xdce793fa8337f261L);
  }

  @Test
  void chainMatchesKnownAnswersAndIgnoresTheTail() {
    assertThat(ChainLabels.chain(COUNTING))
        .containsExactly(0xa02c93214705e4a0L, 0x027d62cc0cf93b91L, 0x9c85e3556f65853cL);
    assertThat(ChainLabels.chain(Arrays.copyOf(COUNTING, 127))).isEmpty();
  }

  @Test
  void theSameTokensUnderAnotherPrefixHaveAnotherLabel() {
    assertThat(ChainLabels.label(0, COUNTING, 128, 256)).isEqualTo(0x44c23972d15c516cL);
    assertThat(ChainLabels.chain(COUNTING)[1]).isNotEqualTo(0x44c23972d15c516cL);
  }

  @Test
  void zeroStaysFree() {
    assertThat(ChainLabels.nonZero(0)).isEqualTo(1);
    assertThat(ChainLabels.nonZero(-7)).isEqualTo(-7);
  }

  @Test
  void rangeOutsideOfTheTokensIsRefused() {
    assertThatThrownBy(() -> ChainLabels.label(0, new long[3], 1, 4))
        .isInstanceOf(IndexOutOfBoundsException.class);
  }
}
