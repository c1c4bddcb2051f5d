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
      "Loads a server and measures it, alone or in turn with other stores and with what the machine"
          + " can do at most.",
      "",
      "Closed loop: every client makes one call after the other, as fast as it goes. Open loop"
          + " (--rate): calls start on a schedule, whatever becomes of them. Without --target a"
          + " server is started for the run and ended."
    },
    subcommands = {
      BenchMixCommand.Read.class,
      BenchMixCommand.Write.class,
      BenchMixCommand.Lookup.class,
      BenchMixCommand.Mixed.class,
      BenchMixCommand.Sweep.class,
      CapacityCommand.class,
      MovementCommand.class,
      DiskCommand.class,
      WorkerCommand.class
    },
    footer = {
      "",
      "Examples:",
      "  ./kveik bench read --concurrency 1,4,16 --against redis --html report.html",
      "  ./kveik bench mixed --target kv:50051 --seconds 60 --json figures.json",
      "  ./kveik bench sweep --processes 8 --json sweep.json",
      "  ./kveik bench capacity --from sweep.json --tokens-per-second 1M --read-p50 30ms",
      "",
      "./kveik bench COMMAND --help tells more."
    })
public final class BenchCommand implements Runnable {
  @Spec private CommandSpec spec = CommandSpec.create();

  @Override
  public void run() {
    throw new ParameterException(
        spec.commandLine(),
        "bench needs a command: read, write, lookup, mixed, sweep, capacity, movement or nvme");
  }
}
