package io.kveik.bench.contest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.kveik.bench.report.Operation;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;

class BenchResultTest {
  private final BenchResult result = Results.reads();

  @Test
  void figuresAreMediansAndCountsAreSums() {
    OperatingPoint point = result.subject().at(4).orElseThrow();
    assertThat(point.rounds()).isEqualTo(3);
    assertThat(point.callsPerSecond()).isEqualTo(4_000);
    assertThat(point.gigabytesPerSecond()).isCloseTo(4, within(1e-9));
    assertThat(point.tokensPerSecond()).isCloseTo(4_000 * 128, within(1e-6));
    OperationFigures read = Objects.requireNonNull(point.operations().get(Operation.READ_BLOCK));
    assertThat(read.count()).isEqualTo(2_000 + 4_000 + 6_000);
    assertThat(read.errors()).isEqualTo(3);
    assertThat(read.p50()).isCloseTo(8_000, within(10.0));
    assertThat(read.max()).isCloseTo(16_000, within(20.0));
    // 0.3 s for 2 GB, 0.2 s for 4 GB, 0.1 s for 6 GB.
    assertThat(point.serverCpuSecondsPerGigabyte().orElseThrow()).isCloseTo(0.05, within(1e-9));
  }

  @Test
  void ratiosAreOfTheSamePoint() {
    List<Ratio> ratios = result.ratios();
    assertThat(ratios).extracting(Ratio::to).containsExactly("redis", "redis", "memcpy", "memcpy");
    assertThat(ratios).extracting(Ratio::concurrency).containsExactly(1, 4, 1, 4);
    assertThat(ratios.getFirst().throughput()).isCloseTo(2, within(1e-9));
    assertThat(ratios.getFirst().p50()).isCloseTo(0.5, within(0.01));
    assertThat(ratios.get(2).throughput()).isCloseTo(0.1, within(1e-9));
  }
}
