package io.kveik.bench;

import io.kveik.bench.fleet.Worker;
import io.kveik.bench.run.StopSignal;
import io.kveik.server.telemetry.Logging;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;

/** {@code ./kveik bench worker}: what {@code --processes} starts; not for people. */
@Command(
    name = "worker",
    hidden = true,
    description = "A client process of a run, told over standard input what to do.")
final class WorkerCommand implements Callable<Integer> {
  @Override
  public Integer call() throws IOException, InterruptedException {
    Logging.configure("error", false);
    // Ctrl-C reaches this process too: it then ends its work early, says how far it has come, and
    // ends when its parent, which prints the figures, closes the input.
    try (StopSignal stop = StopSignal.onShutdown()) {
      new Worker(
              new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8)),
              new PrintWriter(System.out, false, StandardCharsets.UTF_8),
              stop)
          .run();
    }
    return ExitCode.OK;
  }
}
