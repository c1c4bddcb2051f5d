package io.kveik.server.cli;

import picocli.CommandLine.ExitCode;

/** Ends a command with one line for the user and an exit code. */
public final class CommandException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final int exitCode;

  private CommandException(int exitCode, String message) {
    super(message);
    this.exitCode = exitCode;
  }

  /** What the user asked for can't be: exit code 2. */
  static CommandException usage(String message) {
    return new CommandException(ExitCode.USAGE, message);
  }

  /** It was well asked, and failed: exit code 1. */
  static CommandException failure(String message) {
    return new CommandException(ExitCode.SOFTWARE, message);
  }

  int exitCode() {
    return exitCode;
  }
}
