package io.kveik.bench.peer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PeerProcessTest {
  @TempDir Path parent;

  @Test
  void closeEndsTheProcessAndDeletesItsDirectory() throws IOException {
    Path directory = Files.createDirectory(parent.resolve("run"));
    Files.writeString(directory.resolve("file"), "x");
    ChildProcess child = ChildProcess.start("sleep", List.of("sleep", "600"), directory);
    assertThat(child.handle().isAlive()).isTrue();
    child.close();
    assertThat(child.handle().isAlive()).isFalse();
    assertThat(directory).doesNotExist();
  }

  @Test
  void aProgramThatDoesNotServeIsEndedAndQuoted() throws IOException {
    Path directory = Files.createDirectory(parent.resolve("run"));
    ChildProcess child =
        ChildProcess.start("sh", List.of("sh", "-c", "echo out of luck; exit 3"), directory);
    assertThatThrownBy(() ->
            child.awaitServing(() -> {
              throw new IOException("nobody listens");
            }))
        .hasMessageContaining("sh does not serve")
        .hasMessageContaining("out of luck");
    assertThat(directory).doesNotExist();
  }

  @Test
  void missingProgramsAreNamedWithTheirPackage() {
    assertThat(Programs.find("sh")).isPresent();
    assertThatThrownBy(() -> Programs.need("no-such-program", "apt-get install it"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("no-such-program is not in PATH; install it: apt-get install it");
  }

  @Test
  void whatDoesNotFitTheMachineIsRefused() {
    PeerSettings huge = new PeerSettings(64 << 20, 1_000_000, 1, PeerSettings.SocketKind.TCP);
    assertThatThrownBy(() -> Lineup.checkMemory(huge, 1_000_000, 1, 0))
        .hasMessageContaining("take fewer --blocks");
    Lineup.checkMemory(huge, 1_000_000, 0, 0);
  }
}
