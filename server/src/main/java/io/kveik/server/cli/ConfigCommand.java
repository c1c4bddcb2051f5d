package io.kveik.server.cli;

import io.kveik.server.config.Configuration;
import io.kveik.server.config.Setting;
import io.kveik.server.config.Settings;
import java.io.PrintWriter;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code ./kveik config}: what is configured, from where, and what it means. */
@Command(name = "config", description = "Explains the configuration.")
public final class ConfigCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @SuppressWarnings("NullAway.Init") // picocli sets spec before it calls
  public ConfigCommand() {}

  @Override
  public Integer call() {
    spec.commandLine().usage(spec.commandLine().getErr());
    return CommandLine.ExitCode.USAGE;
  }

  /** {@code ./kveik config explain}: takes the server's own flags. */
  @Command(
      name = "explain",
      description = {
        "Shows every setting: its value, where that comes from, what it does, what it maps to.",
        "Takes the same flags as 'server'."
      },
      sortOptions = false)
  public static final class Explain implements Callable<Integer> {
    @Spec private CommandSpec spec;

    @SuppressWarnings("NullAway.Init") // picocli sets spec before it calls
    public Explain() {}

    @Override
    public Integer call() {
      Configuration config = ConfigOptions.read(spec.commandLine().getParseResult());
      PrintWriter out = spec.commandLine().getOut();
      for (Setting setting : Settings.all()) {
        Configuration.Value value = config.value(setting);
        String text = value.text().isEmpty() ? "(none)" : value.text();
        out.printf(
            "%s = %s  [%s]%n",
            setting.key(), Terminal.safe(text), value.source().name().toLowerCase(Locale.ROOT));
        out.printf("    %s%n", setting.help());
        if (!setting.mapsTo().isEmpty()) {
          out.printf("    maps to: %s%n", setting.mapsTo());
        }
        out.printf(
            "    flag %s, variable %s%s%n",
            setting.flag(), setting.environmentVariable(), bounds(setting));
      }
      out.flush();
      return CommandLine.ExitCode.OK;
    }

    private static String bounds(Setting setting) {
      return switch (setting.kind()) {
        case COUNT, MILLIS, BYTES -> ", " + setting.min() + " to " + setting.max();
        case CHOICE -> ", one of " + String.join(", ", setting.choices());
        case TEXT, SWITCH -> "";
      };
    }
  }
}
