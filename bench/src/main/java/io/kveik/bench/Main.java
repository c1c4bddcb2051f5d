package io.kveik.bench;

import picocli.CommandLine;
import picocli.CommandLine.Command;

/** Runs the bench's commands on their own. */
@Command(name = "kveik")
public final class Main {
  private Main() {}

  public static void main(String[] args) {
    CommandLine root = new CommandLine(new Main());
    root.addSubcommand(new ReplayCommand());
    System.exit(root.execute(args));
  }
}
