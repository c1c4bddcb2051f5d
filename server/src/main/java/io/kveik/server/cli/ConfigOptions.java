package io.kveik.server.cli;

import io.kveik.server.config.ConfigException;
import io.kveik.server.config.Configuration;
import io.kveik.server.config.Setting;
import io.kveik.server.config.Settings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ParseResult;

/** Puts the settings catalogue on a command as flags, and reads a configuration back. */
final class ConfigOptions {
  private static final String FILE_FLAG = "--config";
  private static final long MAX_FILE_BYTES = 1024 * 1024;

  private ConfigOptions() {}

  static void addTo(CommandSpec spec) {
    spec.addOption(
        OptionSpec.builder(FILE_FLAG)
            .type(Path.class)
            .paramLabel("FILE")
            .description("YAML file of settings; flags and KVEIK_ variables win over it.")
            .build());
    for (Setting setting : Settings.all()) {
      spec.addOption(option(setting));
    }
  }

  private static OptionSpec option(Setting setting) {
    OptionSpec.Builder option =
        OptionSpec.builder(setting.flag())
            .type(String.class)
            .description(setting.help().replace("%", "%%"));
    if (setting.kind() == Setting.Kind.SWITCH) {
      return option.arity("0..1").fallbackValue("true").paramLabel("true|false").build();
    }
    String label =
        setting.kind() == Setting.Kind.CHOICE
            ? String.join("|", setting.choices())
            : setting.kind().name();
    String shown = setting.defaultText().isEmpty() ? "none" : setting.defaultText();
    return option
        .paramLabel(label)
        .description(setting.help().replace("%", "%%") + " Default: " + shown)
        .build();
  }

  /**
   * The configuration that file, environment and flags give.
   *
   * @throws ConfigException naming what can't be used
   */
  static Configuration read(ParseResult parsed) {
    Map<String, String> flags = new HashMap<>();
    for (Setting setting : Settings.all()) {
      String text = parsed.matchedOptionValue(setting.flag(), (String) null);
      if (text != null) {
        flags.put(setting.key(), text);
      }
    }
    Path file = parsed.matchedOptionValue(FILE_FLAG, (Path) null);
    return Configuration.of(file == null ? Map.of() : readFile(file), System.getenv(), flags);
  }

  private static Map<String, String> readFile(Path file) {
    try {
      if (Files.size(file) > MAX_FILE_BYTES) {
        throw new ConfigException(file + ": larger than " + MAX_FILE_BYTES + " bytes");
      }
      Object root =
          new Load(LoadSettings.builder().setLabel(file.toString()).build())
              .loadFromString(Files.readString(file));
      Map<String, String> settings = new LinkedHashMap<>();
      if (root != null) {
        flatten("", root, file, settings);
      }
      return settings;
    } catch (IOException | YamlEngineException e) {
      throw new ConfigException(file + ": " + e.getMessage());
    }
  }

  /** {@code grpc: {window-bytes: 1MiB}} and {@code grpc.window-bytes: 1MiB} mean the same. */
  private static void flatten(String prefix, Object node, Path file, Map<String, String> settings) {
    if (node instanceof Map<?, ?> map) {
      map.forEach((key, value) -> {
        if (value != null) {
          flatten(prefix.isEmpty() ? key.toString() : prefix + "." + key, value, file, settings);
        }
      });
    } else if (prefix.isEmpty()) {
      throw new ConfigException(file + ": must be a map of settings");
    } else {
      settings.put(prefix, node.toString());
    }
  }
}
