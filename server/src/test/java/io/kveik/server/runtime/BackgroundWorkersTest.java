package io.kveik.server.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

class BackgroundWorkersTest {
  /** Behind the name of the thread, which may have spaces, and from field 3 on. */
  private static final int NICE_FIELD = 16;

  private static final int POLICY_FIELD = 38;
  private static final int SCHED_BATCH = 3;

  @Test
  @EnabledOnOs(
      value = OS.LINUX,
      architectures = {"amd64", "aarch64"})
  void theirThreadsAloneStandBack() throws Exception {
    try (Workers normal = new Workers("normal", 1, 1);
        Workers background = Workers.inBackground("background", 1, 1)) {
      int usualNice = stat(normal, NICE_FIELD);
      int usualPolicy = stat(normal, POLICY_FIELD);
      assertThat(stat(background, NICE_FIELD)).isEqualTo(10);
      assertThat(stat(background, POLICY_FIELD)).isEqualTo(SCHED_BATCH);
      assertThat(stat(normal, NICE_FIELD)).isEqualTo(usualNice);
      assertThat(stat(normal, POLICY_FIELD)).isEqualTo(usualPolicy);
    }
  }

  private static int stat(Workers workers, int field) throws Exception {
    CompletableFuture<String> stat = new CompletableFuture<>();
    workers.execute(() -> {
      try {
        stat.complete(Files.readString(Path.of("/proc/thread-self/stat")));
      } catch (java.io.IOException e) {
        stat.completeExceptionally(e);
      }
    });
    String[] fields = stat.get().replaceFirst("^.*\\) ", "").split(" ", -1);
    return Integer.parseInt(fields[field]);
  }
}
