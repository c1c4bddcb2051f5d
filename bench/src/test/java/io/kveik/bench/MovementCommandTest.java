package io.kveik.bench;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;

/** {@code ./kveik bench movement}, small. */
final class MovementCommandTest {
  @TempDir private Path directory;
  private final StringWriter out = new StringWriter();

  private final StringWriter err = new StringWriter();

  private int run(String... arguments) {
    return new CommandLine(new MovementCommand())
        .setOut(new PrintWriter(out))
        .setErr(new PrintWriter(err))
        .execute(arguments);
  }

  @ParameterizedTest
  @ValueSource(strings = {"fs", "nvme"})
  void readsBesideEachKindOfBackgroundAndLeavesNothing(String tier) {
    assertThat(
            run(
                "--data-dir",
                directory.toString(),
                "--tier",
                tier,
                "--blocks",
                "200",
                "--block-bytes",
                "4096",
                "--seconds",
                "1",
                "--rounds",
                "1",
                "--json"))
        .isZero();
    JsonObject document = JsonParser.parseString(out.toString()).getAsJsonObject();
    Set<String> kinds = new HashSet<>();
    document
        .getAsJsonArray("turns")
        .forEach(turn -> {
          JsonObject row = turn.getAsJsonObject();
          String kind = row.get("background").getAsString();
          kinds.add(kind);
          assertThat(row.get("readsPerSecond").getAsDouble()).isPositive();
          if (kind.equals("none")) {
            assertThat(row.get("writtenBytesPerSecond").getAsDouble()).isZero();
          } else {
            assertThat(row.get("writtenBytesPerSecond").getAsDouble()).isPositive();
          }
        });
    assertThat(kinds).containsExactlyInAnyOrder("none", "polite", "greedy");
    assertThat(directory).isEmptyDirectory();
  }

  @Test
  void namesWhatIsOutOfBounds() {
    assertThat(run("--rounds", "0")).isEqualTo(2);
    assertThat(err.toString()).contains("rounds is 0, not in 1..1000");
    Path absent = directory.resolve("absent");
    assertThat(run("--data-dir", absent.toString())).isEqualTo(2);
    assertThat(err.toString()).contains("data-dir is " + absent + ", not a directory");
  }
}
