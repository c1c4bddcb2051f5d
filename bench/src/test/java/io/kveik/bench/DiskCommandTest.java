package io.kveik.bench;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

class DiskCommandTest {
  @TempDir Path directory;

  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();

  private int run(String... arguments) {
    return new CommandLine(new DiskCommand())
        .setOut(new PrintWriter(out))
        .setErr(new PrintWriter(err))
        .execute(arguments);
  }

  @Test
  void measuresAndLeavesNothing() throws Exception {
    int exitCode =
        run("--dir", "" + directory, "--blocks", "20", "--payload", "200000", "--rounds", "2");
    assertThat(exitCode).as("%s", err).isZero();
    assertThat(out.toString()).contains("write", "again", "read", "ratio", "start");
    try (Stream<Path> left = Files.list(directory)) {
      assertThat(left).isEmpty();
    }
  }

  @Test
  void saysThatThereIsNoRoom() throws Exception {
    assertThat(run("--dir", "" + directory, "--blocks", "10000000", "--payload", "268435456"))
        .isEqualTo(1);
    assertThat(err.toString()).contains("needed for --blocks 10000000 three times");
    try (Stream<Path> left = Files.list(directory)) {
      assertThat(left).isEmpty();
    }
  }

  @Test
  void saysWhichOptionIsOutsideItsLimits() {
    assertThat(run("--blocks", "0")).isEqualTo(2);
    assertThat(err.toString()).contains("--blocks: 0, must be 1 to");
  }
}
