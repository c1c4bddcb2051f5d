package io.kveik.bench.load;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PointTest {
  @ParameterizedTest
  @CsvSource({"1,8", "7,8", "8,8", "80,8", "81,8", "1,1", "5,3"})
  void partsMakeTheWhole(int concurrency, int processes) {
    Point whole = new Point(concurrency, 1_000);
    Point[] parts =
        IntStream.range(0, processes).mapToObj(i -> whole.part(i, processes)).toArray(Point[]::new);
    assertThat(IntStream.range(0, processes).map(i -> parts[i].concurrency()).sum())
        .isEqualTo(concurrency);
    double rate = 0;
    for (Point part : parts) {
      rate += part.ratePerSecond();
      assertThat(part.concurrency())
          .isBetween(concurrency / processes, concurrency / processes + 1);
    }
    assertThat(rate).isCloseTo(1_000, org.assertj.core.data.Offset.offset(1e-6));
  }

  @Test
  void refusesWhatIsOutOfBounds() {
    assertThatThrownBy(() -> new Point(1_025, 0)).hasMessage("concurrency is 1025, not in 0..1024");
    assertThatThrownBy(() -> new Point(1, -1)).hasMessageContaining("rate is -1.0");
    assertThatThrownBy(() -> new Point(1, Double.NaN)).hasMessageContaining("rate is NaN");
  }
}
