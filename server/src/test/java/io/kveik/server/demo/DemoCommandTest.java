package io.kveik.server.demo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;
import picocli.CommandLine;

/** The demo from end to end: a real server in a real process, really killed. */
final class DemoCommandTest {
  @TempDir Path directory;

  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();

  @Test
  void keepsItsPromisesThroughKill() throws Exception {
    Path file = directory.resolve("result.json");
    assertThat(run("--turns", "2", "--block-bytes", "4096", "--json", file.toString()))
        .as("%s%s", out, err)
        .isZero();
    Map<?, ?> result = json(Files.readString(file));
    assertThat(result.get("passed")).isEqualTo(true);
    assertThat(result.get("blocksSeenAcrossTenants")).isEqualTo(0);
    assertThat((List<?>) result.get("tenants"))
        .extracting(tenant -> ((Map<?, ?>) tenant).get("name"))
        .isEqualTo(List.of("hearth", "ladle", "ledger"));
    assertThat(result.get("total"))
        .asInstanceOf(InstanceOfAssertFactories.MAP)
        .containsEntry("turns", 6)
        .containsEntry("wrongBytes", 0)
        .hasEntrySatisfying("sharedBlocksBeforeKill", n -> assertThat((int) n).isPositive())
        .hasEntrySatisfying("restoredTokens", n -> assertThat((int) n).isPositive())
        .hasEntrySatisfying("prefixHitRatio", n -> assertThat((double) n).isBetween(0.3, 1.0))
        .satisfies(total ->
            assertThat(total.get("sharedBlocksSurvived"))
                .isEqualTo(total.get("sharedBlocksBeforeKill")));
    assertThat(out.toString())
        .contains("kill -9", "All promises kept", "./kveik server")
        .matches(text -> text.chars().noneMatch(c -> c < ' ' && c != '\n' && c != '\r'));
  }

  @Test
  void secondRunOnAKeptDirectoryStartsWarm() throws Exception {
    String kept = directory.resolve("kept").toString();
    String[] arguments = {
      "--turns", "2", "--block-bytes", "1024", "--data-dir", kept, "--json", "-"
    };
    assertThat(run(arguments)).as("%s%s", out, err).isZero();
    double cold = hitRatio(out.toString());
    out.getBuffer().setLength(0);
    assertThat(run(arguments)).as("%s%s", out, err).isZero();
    assertThat(hitRatio(out.toString())).isGreaterThan(0.9).isGreaterThan(cold);
    assertThat(Path.of(kept)).isNotEmptyDirectory();
  }

  @Test
  void refusesWhatItCantDo() {
    assertThat(run("--turns", "1")).isEqualTo(2);
    assertThat(run("--turns", "8")).isEqualTo(2);
    assertThat(run("--utilisation", "1.5")).isEqualTo(2);
    assertThat(run("--model-params", "many")).isEqualTo(2);
    assertThat(err.toString()).contains("--turns is 8; from 2 to 7", "--utilisation is 1.5");
  }

  @Test
  void estimatesPrefill() {
    assertThat(new PrefillEstimate(8e9, 989, 0.4).seconds(69_504)).isCloseTo(2.811, within(0.001));
    assertThat(new PrefillEstimate(8e9, 989, 0.4).seconds(0)).isZero();
  }

  @Test
  void oneWrongByteOrLostBlockOrForeignBlockFails() {
    assertThat(result(new TenantStats(), 0).passed()).isTrue();
    assertThat(result(new TenantStats(), 1).passed()).isFalse();
    TenantStats wrong = new TenantStats();
    wrong.wrongBytes = 1;
    assertThat(result(wrong, 0).passed()).isFalse();
    TenantStats lost = new TenantStats();
    lost.sharedBeforeKill = 2;
    lost.sharedSurvived = 1;
    assertThat(result(lost, 0).passed()).isFalse();
  }

  private static DemoResult result(TenantStats stats, long acrossTenants) {
    DemoOptions options = new DemoOptions(2, 1_024, null, new PrefillEstimate(8e9, 989, 0.4));
    return new DemoResult(
        options, List.of(new DemoResult.Tenant("one", "talk", stats)), 1, acrossTenants, 1);
  }

  private int run(String... arguments) {
    return new CommandLine(new DemoCommand())
        .setOut(new PrintWriter(out))
        .setErr(new PrintWriter(err))
        .execute(arguments);
  }

  private static double hitRatio(String json) {
    Map<?, ?> total = (Map<?, ?>) Objects.requireNonNull(json(json).get("total"));
    return (double) Objects.requireNonNull(total.get("prefixHitRatio"));
  }

  private static Map<?, ?> json(String text) {
    return (Map<?, ?>) new Load(LoadSettings.builder().build()).loadFromString(text);
  }
}
