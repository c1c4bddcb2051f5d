package io.kveik.bench;

import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code ./kveik bench}: the load generator's commands. */
@Command(
    name = "bench",
    mixinStandardHelpOptions = true,
    description = {
      "Loads a server and measures it.",
      "",
      "Closed loop: every client makes one call after the other, as fast as it goes. Without"
          + " --target a server is started for the run and ended."
    },
    subcommands = {
      BenchMixCommand.Read.class,
      BenchMixCommand.Write.class,
      BenchMixCommand.Lookup.class,
      BenchMixCommand.Mixed.class
    },
    footer = {
      "",
      "Examples:",
      "  ./kveik bench read --concurrency 16",
      "  ./kveik bench mixed --target kv:50051 --seconds 60 --json figures.json",
      "",
      "./kveik bench COMMAND --help tells more."
    })
public final class BenchCommand implements Runnable {
  @Spec private CommandSpec spec = CommandSpec.create();

  @Override
  public void run() {
    throw new ParameterException(
        spec.commandLine(), "bench needs a command: read, write, lookup or mixed");
  }
}
