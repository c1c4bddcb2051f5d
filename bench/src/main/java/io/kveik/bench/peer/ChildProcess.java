package io.kveik.bench.peer;

import io.kveik.server.cli.Terminal;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * A program that runs as a child, in a temporary directory of its own. It is gone, with its
 * directory, after {@link #close}, and also when this process ends without that. Its output is
 * drained; the last {@value #KEPT_LINES} lines are kept.
 */
final class ChildProcess implements AutoCloseable {
  /** Says whether the program serves by now. */
  @FunctionalInterface
  interface Check {
    /** Throws when it does not. */
    void run() throws IOException;
  }

  private static final int KEPT_LINES = 20;
  private static final Duration START_LIMIT = Duration.ofSeconds(60);
  private static final long POLL_MILLIS = 50;
  private static final long EXIT_SECONDS = 5;

  private final String name;
  private final Process process;
  private final Path directory;
  private final Thread atExit = new Thread(this::end, "end-of-peer");
  private final Thread drainer = Thread.ofPlatform().daemon().unstarted(this::drain);
  private final ArrayDeque<String> lastLines = new ArrayDeque<>();

  private ChildProcess(String name, Process process, Path directory) {
    this.name = name;
    this.process = process;
    this.directory = directory;
  }

  /**
   * Starts a program.
   *
   * @param directory to run in; this object's from now on
   */
  static ChildProcess start(String name, List<String> command, Path directory) throws IOException {
    Process process =
        new ProcessBuilder(command).directory(directory.toFile()).redirectErrorStream(true).start();
    ChildProcess child = new ChildProcess(name, process, directory);
    Runtime.getRuntime().addShutdownHook(child.atExit);
    child.drainer.setName("output-of-" + name);
    child.drainer.start();
    return child;
  }

  /**
   * Waits until the program serves.
   *
   * @throws IOException with what it printed, when it ends before or takes longer than a minute; it
   *     has been ended then
   */
  void awaitServing(Check check) throws IOException {
    long deadlineNanos = System.nanoTime() + START_LIMIT.toNanos();
    while (true) {
      try {
        check.run();
        return;
      } catch (IOException e) {
        if (!process.isAlive() || System.nanoTime() - deadlineNanos > 0) {
          close();
          throw new IOException(name + " does not serve: " + allItSaid(), e);
        }
      }
      try {
        Thread.sleep(POLL_MILLIS);
      } catch (InterruptedException e) {
        throw interrupted(e);
      }
    }
  }

  /** The process. */
  ProcessHandle handle() {
    return process.toHandle();
  }

  @Override
  public void close() {
    end();
    try {
      Runtime.getRuntime().removeShutdownHook(atExit);
    } catch (IllegalStateException e) {
      // This process is ending, and the hook does what there is to do.
    }
  }

  private synchronized void end() {
    // Not by the process itself, which would close its output before all of it has been read.
    ProcessHandle handle = process.toHandle();
    handle.destroy();
    boolean interrupted = false;
    try {
      if (!process.waitFor(EXIT_SECONDS, TimeUnit.SECONDS)) {
        handle.destroyForcibly();
        process.waitFor(EXIT_SECONDS, TimeUnit.SECONDS);
      }
    } catch (InterruptedException e) {
      handle.destroyForcibly();
      interrupted = true;
    }
    delete(directory);
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  private IOException interrupted(InterruptedException cause) {
    close();
    Thread.currentThread().interrupt();
    return new IOException("interrupted while " + name + " started", cause);
  }

  /** The last lines of a process that has ended. */
  private String allItSaid() throws IOException {
    try {
      drainer.join(TimeUnit.SECONDS.toMillis(EXIT_SECONDS));
    } catch (InterruptedException e) {
      throw interrupted(e);
    }
    synchronized (lastLines) {
      return lastLines.isEmpty()
          ? "it printed nothing"
          : Terminal.safe(String.join(" / ", lastLines));
    }
  }

  private void drain() {
    try (BufferedReader lines = process.inputReader(StandardCharsets.UTF_8)) {
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        synchronized (lastLines) {
          if (lastLines.size() == KEPT_LINES) {
            lastLines.removeFirst();
          }
          lastLines.addLast(line);
        }
      }
    } catch (IOException e) {
      // The process has ended.
    }
  }

  private static void delete(Path directory) {
    if (!Files.exists(directory)) {
      return;
    }
    try (Stream<Path> files = Files.walk(directory)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.deleteIfExists(file);
      }
    } catch (IOException | UncheckedIOException e) {
      System.err.println(Terminal.safe("left behind: " + directory + " (" + e.getMessage() + ")"));
    }
  }
}
