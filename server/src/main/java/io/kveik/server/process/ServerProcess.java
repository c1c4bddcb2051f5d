package io.kveik.server.process;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * A server in a process of its own, with this JVM's class path: something to measure, to talk to
 * and to kill.
 *
 * <pre>{@code
 * try (ServerProcess server =
 *     ServerProcess.start(List.of("-Xmx256m"), List.of("--data-dir", dir), Duration.ofSeconds(30))) {
 *   KveikClient.connect(server.target());
 * }
 * }</pre>
 *
 * <p>Any thread may use it. The process does not outlive {@link #close}; a caller that may be
 * stopped by a signal closes it in a shutdown hook too.
 */
public final class ServerProcess implements AutoCloseable {
  private static final String MAIN_CLASS = "io.kveik.server.Main";

  /** How long a process that has been told to go may take; a drain is 10 s. */
  private static final Duration EXIT_LIMIT = Duration.ofSeconds(30);

  private final Process process;
  private final ServerOutput output;
  private final ServerOutput.Ready ready;

  private ServerProcess(Process process, ServerOutput output, ServerOutput.Ready ready) {
    this.process = process;
    this.output = output;
    this.ready = ready;
  }

  /**
   * Starts {@code kveik server --port 0 --admin-port 0 --disable-metrics --log-level error} and
   * waits until it serves. A flag given again in {@code arguments} wins.
   *
   * @param jvmFlags such as {@code -Xmx256m}; what every server needs is added
   * @param arguments further flags of {@code kveik server}
   * @param limit how long the server may take until it serves
   * @throws ServerStartException with the server's output, when it ends or takes longer; no process
   *     is left
   */
  public static ServerProcess start(List<String> jvmFlags, List<String> arguments, Duration limit)
      throws IOException {
    Process process =
        new ProcessBuilder(command(jvmFlags, arguments)).redirectErrorStream(true).start();
    ServerOutput output = new ServerOutput(process.inputReader(StandardCharsets.UTF_8));
    Thread.ofPlatform().daemon().name("server-output-" + process.pid()).start(output);
    try {
      ServerOutput.Ready ready = output.ready().get(limit.toMillis(), TimeUnit.MILLISECONDS);
      return new ServerProcess(process, output, ready);
    } catch (ExecutionException e) {
      end(process);
      throw new ServerStartException(
          "the server ended with exit code " + process.exitValue() + " before it served",
          output.lines());
    } catch (TimeoutException e) {
      end(process);
      throw new ServerStartException(
          "the server did not serve within " + limit.toMillis() + " ms", output.lines());
    } catch (InterruptedException e) {
      end(process);
      Thread.currentThread().interrupt();
      throw new ServerStartException("interrupted while the server started", output.lines());
    }
  }

  private static List<String> command(List<String> jvmFlags, List<String> arguments) {
    List<String> command = new ArrayList<>(JavaCommand.of(jvmFlags, MAIN_CLASS));
    command.add("server");
    for (List<String> setting :
        List.of(
            List.of("--port", "0"),
            List.of("--admin-port", "0"),
            List.of("--log-level", "error"),
            List.of("--disable-metrics"))) {
      if (!arguments.contains(setting.getFirst())) {
        command.addAll(setting);
      }
    }
    command.addAll(arguments);
    return command;
  }

  /** The gRPC port, on the loopback address. */
  public int port() {
    return ready.port();
  }

  /** Where the gRPC port is, as "host:port". */
  public String target() {
    return "127.0.0.1:" + port();
  }

  /** The operator's HTTP port; empty where the arguments turned it off. */
  public OptionalInt adminPort() {
    return ready.adminPort() < 0 ? OptionalInt.empty() : OptionalInt.of(ready.adminPort());
  }

  /** The process id. */
  public long pid() {
    return process.pid();
  }

  /** True until the process has ended. */
  public boolean isAlive() {
    return process.isAlive();
  }

  /** The last lines the server printed, oldest first, free of control characters. */
  public List<String> output() {
    return output.lines();
  }

  /** Kills the server at once (SIGKILL, kill -9) and returns when it has gone. */
  public void kill() {
    end(process);
  }

  /**
   * Lets the server drain (SIGTERM) and returns when it has gone; one that takes longer than 30 s
   * is killed.
   *
   * @return its exit code
   */
  public int stop() {
    process.destroy();
    if (!goneWithin(process, EXIT_LIMIT)) {
      end(process);
    }
    return process.exitValue();
  }

  /** As {@link #stop}; no effect once the process has ended. */
  @Override
  public void close() {
    stop();
  }

  private static void end(Process process) {
    process.destroyForcibly();
    if (!goneWithin(process, EXIT_LIMIT)) {
      throw new IllegalStateException("process " + process.pid() + " survives SIGKILL");
    }
  }

  /** Waits through interrupts, which it restores: nothing may leave a process behind. */
  private static boolean goneWithin(Process process, Duration limit) {
    long deadlineNanos = System.nanoTime() + limit.toNanos();
    boolean interrupted = false;
    try {
      while (true) {
        try {
          return process.waitFor(deadlineNanos - System.nanoTime(), TimeUnit.NANOSECONDS);
        } catch (InterruptedException e) {
          interrupted = true;
        }
      }
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }
}
