package io.kveik.bench;

import io.kveik.bench.run.StopSignal;
import io.kveik.bench.trace.TraceException;
import io.kveik.client.BlockScope;
import io.kveik.server.cli.ScopeOptions;
import io.kveik.server.cli.Terminal;
import io.kveik.server.process.ServerStartException;
import io.kveik.server.telemetry.Logging;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.concurrent.Callable;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/**
 * What the commands that run something share: the server to speak to, where blocks and figures go,
 * Ctrl-C, and exit codes.
 */
abstract class RunCommand implements Callable<Integer> {
  @Spec private CommandSpec spec = CommandSpec.create();

  @Mixin private TargetOptions target = new TargetOptions();
  @Mixin private ScopeOptions scope = new ScopeOptions("bench", "bench");

  @Option(
      names = "--partition",
      paramLabel = "NAME",
      description =
          "Partition. Default: a fresh one, so that every run starts cold, also against a server"
              + " that has blocks of an earlier run.")
  private @Nullable String partition;

  @Mixin private ResultOptions result = new ResultOptions();

  /**
   * Does the run and publishes its figures.
   *
   * @param stop ends it early
   * @return whether all was as it should be
   * @throws IllegalArgumentException when the user has asked for what can't be; says why
   */
  abstract boolean run(StopSignal stop) throws IOException, InterruptedException;

  @Override
  public final Integer call() throws InterruptedException {
    Logging.configure("error", false);
    try (StopSignal stop = StopSignal.onShutdown()) {
      return run(stop) ? ExitCode.OK : ExitCode.SOFTWARE;
    } catch (IllegalArgumentException | TraceException e) {
      return complain(ExitCode.USAGE, Terminal.safe(String.valueOf(e.getMessage())));
    } catch (ServerStartException e) {
      e.output().forEach(line -> err().println("  " + line));
      return complain(ExitCode.SOFTWARE, Terminal.safe(String.valueOf(e.getMessage())));
    } catch (IOException e) {
      return complain(ExitCode.SOFTWARE, Terminal.safe(e.toString()));
    }
  }

  final TargetOptions target() {
    return target;
  }

  /** Where blocks live; without a partition given, every call makes another one. */
  final BlockScope scope() {
    return scope.in(
        partition == null
            ? "run-%016x".formatted(ThreadLocalRandom.current().nextLong())
            : partition);
  }

  final ResultOptions result() {
    return result;
  }

  final PrintWriter out() {
    return spec.commandLine().getOut();
  }

  final PrintWriter err() {
    return spec.commandLine().getErr();
  }

  private int complain(int exitCode, String message) {
    err().println(spec.qualifiedName() + ": " + message);
    err().flush();
    return exitCode;
  }
}
