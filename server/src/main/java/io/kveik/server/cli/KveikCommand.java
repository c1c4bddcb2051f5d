package io.kveik.server.cli;

import io.kveik.server.config.ConfigException;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.List;
import java.util.ServiceLoader;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/**
 * {@code ./kveik}: the one command line. Exit codes: 0 done, 1 failed, 2 wrong usage or
 * configuration.
 */
@Command(
    name = "kveik",
    mixinStandardHelpOptions = true,
    version = "kveik 0.1.0",
    description = "A tiered, multi-tenant store for the KV cache of large language models.",
    synopsisSubcommandLabel = "COMMAND")
public final class KveikCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @SuppressWarnings("NullAway.Init") // picocli sets spec before it calls
  private KveikCommand() {}

  /**
   * The command line with every command there is, those of other modules included.
   *
   * @param more commands of the server's own that live outside this package
   */
  public static CommandLine create(ServerRunner runner, StorageProbe storage, List<Object> more) {
    CommandLine root = new CommandLine(new KveikCommand());
    add(root, configured(new CommandLine(new ServerCommand(runner))));
    more.forEach(command -> add(root, new CommandLine(command)));
    CommandLine config = new CommandLine(new ConfigCommand());
    config.addSubcommand(configured(new CommandLine(new ConfigCommand.Explain())));
    add(root, config);
    add(root, configured(new CommandLine(new DoctorCommand(storage))));
    add(root, new CommandLine(new TiersCommand()));
    add(root, new CommandLine(new PutCommand()));
    add(root, new CommandLine(new LookupCommand()));
    add(root, new CommandLine(new GetCommand()));
    add(root, ControlCommand.create());
    for (CommandProvider provider : ServiceLoader.load(CommandProvider.class)) {
      provider.commands().forEach(command -> add(root, new CommandLine(command)));
    }
    add(root, TestCommand.create());
    add(root, new CommandLine(new CompletionCommand(root)));
    root.addSubcommand(new CommandLine.HelpCommand());
    root.setParameterExceptionHandler(KveikCommand::refuse);
    root.setExecutionExceptionHandler(KveikCommand::explain);
    return root;
  }

  private static void add(CommandLine root, CommandLine command) {
    addHelp(command);
    root.addSubcommand(command);
  }

  private static void addHelp(CommandLine command) {
    if (command.getCommandSpec().findOption("--help") == null) {
      command.getCommandSpec().mixinStandardHelpOptions(true);
    }
    command.getSubcommands().values().forEach(KveikCommand::addHelp);
  }

  private static CommandLine configured(CommandLine command) {
    ConfigOptions.addTo(command.getCommandSpec());
    return command;
  }

  /** One line that says what is wrong and one that says where to read on: no page of usage. */
  private static int refuse(CommandLine.ParameterException wrong, String[] arguments) {
    CommandLine command = wrong.getCommandLine();
    PrintWriter err = command.getErr();
    String name = command.getCommandSpec().qualifiedName();
    err.println(name + ": " + Terminal.safe(String.valueOf(wrong.getMessage())));
    CommandLine.UnmatchedArgumentException.printSuggestions(wrong, err);
    err.println("See ./" + name + " --help");
    err.flush();
    return CommandLine.ExitCode.USAGE;
  }

  private static int explain(
      Exception failure, CommandLine command, CommandLine.ParseResult parsed) {
    String message =
        switch (failure) {
          case ConfigException e -> e.getMessage();
          case CommandException e -> e.getMessage();
          case IOException e -> e.getClass().getSimpleName() + ": " + e.getMessage();
          default -> failure.toString();
        };
    command
        .getErr()
        .println(command.getCommandSpec().qualifiedName() + ": " + Terminal.safe(message + ""));
    command.getErr().flush();
    return switch (failure) {
      case ConfigException e -> CommandLine.ExitCode.USAGE;
      case CommandException e -> e.exitCode();
      default -> CommandLine.ExitCode.SOFTWARE;
    };
  }

  @Override
  public Integer call() {
    spec.commandLine().usage(spec.commandLine().getErr());
    return CommandLine.ExitCode.USAGE;
  }
}
