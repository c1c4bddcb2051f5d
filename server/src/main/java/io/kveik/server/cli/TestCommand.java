package io.kveik.server.cli;

import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.PositionalParamSpec;

/**
 * {@code ./kveik test}: here for help and completion only. The script runs the suite itself, since
 * the suite starts with the build of this class.
 */
final class TestCommand {
  private static final List<String> STAGES = List.of("script", "java", "python");

  private TestCommand() {}

  static CommandLine create() {
    CommandSpec spec =
        CommandSpec.wrapWithoutInspection((Callable<Integer>) TestCommand::refuse).name("test");
    spec.usageMessage()
        .description(
            "Runs the whole test suite, or the stages named.",
            "'./kveik test --help' says what they are.");
    spec.addPositional(
        PositionalParamSpec.builder()
            .paramLabel("STAGE")
            .arity("0..*")
            .type(List.class)
            .auxiliaryTypes(String.class)
            .completionCandidates(STAGES)
            .description(String.join(", ", STAGES))
            .build());
    spec.addOption(
        OptionSpec.builder("--reliability")
            .description("The fault-injection suite: not there yet.")
            .build());
    return new CommandLine(spec);
  }

  private static int refuse() {
    System.err.println("The suite is run by the script: ./kveik test");
    return CommandLine.ExitCode.USAGE;
  }
}
