package io.kveik.bench.check;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.kveik.bench.contest.BenchResult;
import io.kveik.bench.contest.Results;
import io.kveik.bench.report.Operation;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class AssertionTest {
  private static final BenchResult RESULT = Results.reads();

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      value = {
        "read.p50<9ms; true; 8.0",
        "read.p50<8000us; false; 8.0",
        "read.p50@1<3ms; true; 2.0",
        "read.p50 @ 4 <= 7.9 ms; false; 8.0",
        "read.max<1s; true; 16",
        "read.throughput>=1GB/s; true; 1.000GB/s at C=1",
        "throughput>1000MB/s; false; 1.000GB/s at C=1",
        "throughput@4>3.9GB/s; true; 4.000GB/s at C=4",
        "tps>=1000; true; 1000/s at C=1",
        "tps>1000/s; false; 1000/s",
        "cpu_per_gb<0.3s; true; 0.2000s at C=1",
        "cpu_per_gb<60ms; false; 0.2000s at C=1",
        "ratio.redis>=2; true; 2.000 at C=1",
        "ratio.memcpy>0.5; false; 0.1",
        "read.errors==3; true; 3",
        "errors==0; false; 3.000 at C=1"
      })
  void judgesTheWorstPoint(String text, boolean holds, String measured) {
    Verdict verdict = Assertion.parse(text).judge(RESULT);
    assertThat(verdict.holds()).as(verdict.toString()).isEqualTo(holds);
    assertThat(verdict.measured()).contains(measured);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      value = {
        "read.p42<5ms; position 6, at 'p42<5ms': expected one of p50, p90",
        "raed.p99<5ms; position 1, at 'raed.p99<5ms': expected an operation with '.', or one of",
        "read<5ms; position 5, at '<5ms': expected '.' and a metric",
        "read.p99; position 9, at the end: expected one of <=, <, >=, >, ==",
        "read.p99=5ms; position 9, at '=5ms': expected one of <=",
        "read.p99<ms; position 10, at 'ms': expected a number",
        "read.p99<5; position 11, at the end: expected a unit, one of ns, us, ms, s",
        "read.p99<5GB/s; position 11, at 'GB/s': expected a unit",
        "read.p99<1.2.3ms; position 10, at '1.2.3ms': expected a number",
        "tps>5ms; position 6, at 'ms': expected nothing more",
        "p99<5ms; position 1, at 'p99<5ms': p99 needs an operation before it, as in read.p99",
        "read.tps>5; position 6, at 'tps>5': tps is of all operations together",
        "ratio>1; position 6, at '>1': expected '.' and a contender",
        "read.p99@<5ms; position 10, at '<5ms': expected a concurrency",
        "errors==0 now; position 11, at 'now': expected nothing more"
      })
  void namesThePositionOfWhatIsWrong(String text, String message) {
    assertThatThrownBy(() -> Assertion.parse(text))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("--assert '" + text + "': ")
        .hasMessageContaining(message);
  }

  @Test
  void refusesWhatTheRunDoesNotMeasure() {
    List<Operation> operations = List.of(Operation.READ_BLOCK);
    assertThatThrownBy(
            () -> Assertion.parse("write.p99<1s").check(operations, List.of(), List.of(4)))
        .hasMessageContaining("this run has no write");
    assertThatThrownBy(
            () -> Assertion.parse("ratio.redis>1").check(operations, List.of(), List.of(4)))
        .hasMessageContaining("nothing to compare with");
    assertThatThrownBy(() ->
            Assertion.parse("ratio.redis>1").check(operations, List.of("memcached"), List.of(4)))
        .hasMessageContaining("compares with memcached only");
    assertThatThrownBy(
            () -> Assertion.parse("read.p99@5<1s").check(operations, List.of(), List.of(4)))
        .hasMessageContaining("no point with a concurrency of 5");
    Assertion.parse("ratio.redis@4>1").check(operations, List.of("redis"), List.of(4));
  }

  @Test
  void whatWasNotMeasuredDoesNotHold() {
    assertThat(Assertion.parse("ratio.object>0").judge(RESULT))
        .isEqualTo(new Verdict("ratio.object>0", false, "not measured"));
  }
}
