package io.kveik.server;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Other programs that tests run to their end. */
public final class Programs {
  private Programs() {}

  /**
   * Runs a program. It gets nothing to read, above all not the test runner's own input, by which
   * that gives its commands.
   *
   * @throws IOException with what it printed, when it fails or takes longer
   */
  public static void run(Duration limit, List<String> command)
      throws IOException, InterruptedException {
    Path said = Files.createTempFile("said", ".txt");
    try {
      Process process =
          new ProcessBuilder(command)
              .redirectErrorStream(true)
              .redirectOutput(said.toFile())
              .start();
      process.getOutputStream().close();
      boolean ended = process.waitFor(limit.toMillis(), TimeUnit.MILLISECONDS);
      if (!ended) {
        process.destroyForcibly();
      }
      if (!ended || process.exitValue() != 0) {
        throw new IOException(command.getFirst() + " failed: " + Files.readString(said));
      }
    } finally {
      Files.delete(said);
    }
  }
}
