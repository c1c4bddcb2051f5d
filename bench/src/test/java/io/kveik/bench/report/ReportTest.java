package io.kveik.bench.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.gson.JsonObject;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import picocli.CommandLine.TypeConversionException;

class ReportTest {
  @Test
  void tablesAlign() {
    Table table = new Table(List.of("what", "n"));
    table.row("a", "1,000");
    table.row("longer", "2");
    assertThat(table.render(Style.PLAIN))
        .isEqualTo(
            """
            what        n
            a       1,000
            longer      2
            """);
    assertThatThrownBy(() -> table.row("one")).hasMessageContaining("1 cells under 2 headings");
  }

  @Test
  void onlyColouredStyleHasEscapes() {
    assertThat(Style.PLAIN.heading("x") + Style.PLAIN.good("x") + Style.PLAIN.bad("x"))
        .isEqualTo("xxx");
    assertThat(Style.COLOURED.bad("x")).startsWith("\u001b[").endsWith("x\u001b[0m");
  }

  @Test
  void progressShowsShareAndEta() {
    assertThat(Progress.line(new Progress.State(25, 100, "text"), Duration.ofSeconds(61)))
        .isEqualTo(" 25 %  1:01  ETA 3:03  text");
    assertThat(Progress.line(new Progress.State(0, 0, ""), Duration.ofSeconds(3661)))
        .startsWith("  0 %  1:01:01  ETA unknown");
  }

  @Test
  void latenciesKeepPercentiles() {
    Latencies latencies = new Latencies();
    for (int micros = 1; micros <= 1_000; micros++) {
      latencies.record(Operation.WRITE, micros * 1_000L);
    }
    latencies.record(Operation.LOOKUP, Long.MAX_VALUE);
    JsonObject write = latencies.toJson().getAsJsonObject("write");
    assertThat(write.get("count").getAsLong()).isEqualTo(1_000);
    assertThat(write.get("p50").getAsDouble()).isBetween(499.0, 502.0);
    assertThat(write.get("p99").getAsDouble()).isBetween(989.0, 993.0);
    assertThat(write.get("max").getAsDouble()).isBetween(999.0, 1002.0);
    assertThat(latencies.toJson().has("read")).isFalse();
    assertThat(latencies.toTable().render(Style.PLAIN)).contains("p99.9", "write", "1,000");
  }

  @Test
  void sizesReadAndWrite() throws Exception {
    assertThat(new ByteSizes().convert("64KiB")).isEqualTo(65_536);
    assertThat(ByteSizes.format(65_536)).isEqualTo("64.0 KiB");
    assertThat(ByteSizes.format(1_023)).isEqualTo("1023 B");
    assertThatThrownBy(() -> new ByteSizes().convert("\u001bx"))
        .isInstanceOf(TypeConversionException.class)
        .hasMessageContaining("'?x' is not a size");
  }
}
