package io.kveik.server.cli;

import java.util.concurrent.Callable;
import picocli.AutoComplete;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code ./kveik completion}: what a shell needs to complete our commands and options. */
@Command(
    name = "completion",
    description = "Prints a completion script for a shell.",
    footer = {"", "Now: source <(./kveik completion bash)", "For good: the same in ~/.bashrc"})
public final class CompletionCommand implements Callable<Integer> {
  /** The shells, named as people type them. */
  enum Shell {
    bash,
    zsh
  }

  private final CommandLine root;

  @Spec private CommandSpec spec;

  @Parameters(paramLabel = "SHELL", description = "${COMPLETION-CANDIDATES}")
  private Shell shell = Shell.bash;

  @SuppressWarnings("NullAway.Init") // picocli sets spec before it calls
  CompletionCommand(CommandLine root) {
    this.root = root;
  }

  @Override
  public Integer call() {
    String script =
        switch (shell) {
          // picocli's script works in both: in zsh it loads bashcompinit itself.
          case bash, zsh -> AutoComplete.bash(root.getCommandName(), root);
        };
    spec.commandLine().getOut().print(script);
    spec.commandLine().getOut().flush();
    return CommandLine.ExitCode.OK;
  }
}
