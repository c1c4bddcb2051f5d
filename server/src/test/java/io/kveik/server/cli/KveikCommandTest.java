package io.kveik.server.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.kveik.server.config.Configuration;
import io.kveik.server.config.Setting;
import io.kveik.server.config.Settings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The command line as a whole: help, mistakes, completion, configuration. */
final class KveikCommandTest {
  private static final String[] COMMANDS = {
    "server", "config", "doctor", "put", "lookup", "get", "test", "completion", "help"
  };

  @TempDir private Path directory;

  @Test
  void helpListsEveryCommand() {
    assertThat(CommandLineRun.of("help").ends(0).out()).contains(COMMANDS);
    assertThat(CommandLineRun.of("--help").ends(0).out()).contains(COMMANDS);
    assertThat(CommandLineRun.of("--version").ends(0).out()).startsWith("kveik ");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "server",
        "config",
        "doctor",
        "put",
        "lookup",
        "get",
        "test",
        "completion",
        "help"
      })
  void everyCommandHasHelp(String command) {
    assertThat(CommandLineRun.of(command, "--help").ends(0).out()).contains("Usage: kveik");
  }

  @Test
  void anUnknownCommandIsAnsweredWithTheNearest() {
    CommandLineRun run = CommandLineRun.of("lokup");
    assertThat(run.ends(2).err()).contains("'lokup'").contains("lookup").contains("--help");
  }

  @ParameterizedTest
  @ValueSource(strings = {"bash", "zsh"})
  void completionKnowsEveryCommand(String shell) {
    assertThat(CommandLineRun.of("completion", shell).ends(0).out())
        .contains(COMMANDS)
        .contains("complete -F", "--tokens-file", "--reliability");
    CommandLineRun.of("completion", "fish").ends(2);
  }

  @Test
  void nothingIsColouredWithoutATerminal() {
    assertThat(CommandLineRun.of("server", "--help").out()).doesNotContain("\u001b");
  }

  @Test
  void configExplainShowsEverySettingAndItsSource() throws IOException {
    Path file = Files.writeString(directory.resolve("kveik.yaml"), "limits:\n  calls: 77\n");
    CommandLineRun run =
        CommandLineRun.of(
            "config", "explain", "--config", file.toString(), "--port", "4711", "--insecure");
    assertThat(run.ends(0).out())
        .contains("port = 4711  [flag]", "insecure = true  [flag]", "limits.calls = 77  [file]")
        .contains(Settings.all().stream().map(Setting::key).toList())
        .contains("ack = memory  [default]", "variable KVEIK_LIMITS_CALLS");
  }

  @Test
  void theEnvironmentIsASourceToo() {
    Configuration.Value port =
        Configuration.of(Map.of("port", "1"), Map.of("KVEIK_PORT", "2"), Map.of())
            .value(Settings.PORT);
    assertThat(port).isEqualTo(new Configuration.Value("2", Configuration.Source.ENVIRONMENT));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"--port=70000", "--port=x", "--dram-bytes=1", "--ack=never", "--nonsense=1"})
  void configExplainRefusesBadValues(String flag) {
    CommandLineRun run = CommandLineRun.of("config", "explain", flag);
    assertThat(run.ends(2).err()).startsWith("kveik config explain: ");
  }
}
