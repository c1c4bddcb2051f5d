package io.kveik.server.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

@Timeout(20)
@EnabledOnOs(
    value = OS.LINUX,
    architectures = {"amd64", "aarch64"})
class BackgroundThreadTest {
  private static final int SCHED_BATCH = 3;

  /** A thread as Linux sees it: its nice value and its scheduling class. */
  private record Priority(int nice, int policy) {
    /** Behind the name of the thread, which may have spaces, and from field 3 on. */
    private static final int NICE_FIELD = 16;

    private static final int POLICY_FIELD = 38;

    static Priority ofThisThread() {
      try {
        String[] fields =
            Files.readString(Path.of("/proc/thread-self/stat"))
                .replaceFirst("^.*\\) ", "")
                .split(" ", -1);
        return new Priority(
            Integer.parseInt(fields[NICE_FIELD]), Integer.parseInt(fields[POLICY_FIELD]));
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }

  @Test
  void backgroundWorkersAloneStandBack() {
    Priority usual = Priority.ofThisThread();
    try (Workers normal = new Workers("normal", 1, 1);
        Workers background = Workers.inBackground("background", 1, 1)) {
      assertThat(in(background)).isEqualTo(new Priority(10, SCHED_BATCH));
      assertThat(in(normal)).isEqualTo(usual);
    }
  }

  /** Linux hands a thread's priority on to those it starts. */
  @Test
  void whatABackgroundThreadStartsDoesNotStandBack() {
    Priority usual = Priority.ofThisThread();
    CompletableFuture<Priority> started = new CompletableFuture<>();
    try (Workers background = Workers.inBackground("background", 1, 1);
        Workers grown = new Workers("grown", 1, 1);
        Scheduler scheduler = made(background, () -> Scheduler.system("timer"))) {
      background.execute(
          () -> Threads.start("started", () -> started.complete(Priority.ofThisThread())));
      assertThat(started.join()).isEqualTo(usual);
      assertThat(
              made(background, () -> CompletableFuture.supplyAsync(Priority::ofThisThread, grown))
                  .join())
          .isEqualTo(usual);
      assertThat(in(task -> scheduler.after(1, task))).isEqualTo(usual);
    }
  }

  private static <T> T made(Workers workers, Supplier<T> maker) {
    return CompletableFuture.supplyAsync(maker, workers).join();
  }

  private static Priority in(Executor executor) {
    return CompletableFuture.supplyAsync(Priority::ofThisThread, executor).join();
  }
}
