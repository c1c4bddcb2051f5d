package io.kveik.bench.contest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;

class MedianTest {
  @Test
  void isTheMiddle() {
    assertThat(of(7.0)).isEqualTo(7);
    assertThat(of(9.0, 1.0, 5.0)).isEqualTo(5);
    assertThat(of(4.0, 1.0, 3.0, 100.0)).isEqualTo(3.5);
    assertThatThrownBy(MedianTest::of).hasMessage("the median of nothing");
  }

  private static double of(Double... values) {
    return Median.of(List.of(values), Double::doubleValue);
  }
}
