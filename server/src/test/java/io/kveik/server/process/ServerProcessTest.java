package io.kveik.server.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Real server processes, started, stopped, killed and refused. */
final class ServerProcessTest {
  private static final Duration LIMIT = Duration.ofSeconds(60);
  private static final List<String> JVM = List.of("-Xmx128m");

  @TempDir Path directory;

  @Test
  void startsThenDrainsOnStop() throws Exception {
    try (ServerProcess server = ServerProcess.start(JVM, arguments(), LIMIT)) {
      assertThat(server.port()).isPositive();
      assertThat(server.adminPort()).isPresent();
      assertThat(server.isAlive()).isTrue();
      assertThat(ProcessHandle.of(server.pid())).isPresent();
      assertThat(server.stop()).isIn(0, 143);
      assertThat(server.isAlive()).isFalse();
      assertThat(server.output()).anyMatch(line -> line.startsWith("ready "));
    }
  }

  @Test
  void killedServerStartsAgainOnItsDirectory() throws Exception {
    try (ServerProcess first = ServerProcess.start(JVM, arguments(), LIMIT)) {
      first.kill();
      assertThat(first.isAlive()).isFalse();
    }
    try (ServerProcess second = ServerProcess.start(JVM, arguments(), LIMIT)) {
      assertThat(second.isAlive()).isTrue();
    }
  }

  @Test
  void failedStartShowsWhatTheServerSaid() {
    assertThatThrownBy(() ->
            ServerProcess.start(
                JVM, List.of("--data-dir", directory.toString(), "--dram-bytes", "1"), LIMIT))
        .isInstanceOfSatisfying(
            ServerStartException.class,
            e -> assertThat(e.output()).anyMatch(line -> line.contains("dram-bytes")))
        .hasMessageContaining("exit code 2");
  }

  private List<String> arguments() {
    return List.of("--data-dir", directory.toString(), "--dram-bytes", "1MiB");
  }
}
