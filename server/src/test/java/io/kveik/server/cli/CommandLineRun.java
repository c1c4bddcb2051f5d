package io.kveik.server.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.kveik.server.config.Configuration;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.schema.JsonSchema;
import picocli.CommandLine;

/**
 * What one run of {@code ./kveik ARGUMENTS} printed and how it ended.
 *
 * @param code exit code
 * @param out standard output
 * @param err standard error
 */
record CommandLineRun(int code, String out, String err) {
  /** Runs with a storage probe that must not be asked. */
  static CommandLineRun of(String... arguments) {
    return of(new NoStorage(), arguments);
  }

  static CommandLineRun of(StorageProbe storage, String... arguments) {
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    CommandLine commands =
        KveikCommand.create(
            (config, console) -> {
              throw new IOException("no server in this test");
            },
            storage,
            List.of());
    commands.setOut(new PrintWriter(out)).setErr(new PrintWriter(err));
    int code = commands.execute(arguments);
    return new CommandLineRun(code, out.toString(), err.toString());
  }

  CommandLineRun ends(int expected) {
    assertThat(code).as("exit code; out: %s err: %s", out, err).isEqualTo(expected);
    return this;
  }

  /** Standard output as one JSON document. */
  @SuppressWarnings("unchecked")
  Map<String, Object> json() {
    assertThat(out.strip()).doesNotContain("\n").startsWith("{");
    LoadSettings settings = LoadSettings.builder().setSchema(new JsonSchema()).build();
    return (Map<String, Object>) new Load(settings).loadFromString(out);
  }

  /** A list of that document: its rows, every value as text. */
  List<Map<String, String>> rows(String name) {
    List<Map<String, String>> rows = new ArrayList<>();
    if (!(json().get(name) instanceof List<?> list)) {
      throw new AssertionError(name + " is no list in " + out);
    }
    for (Object item : list) {
      Map<String, String> texts = new HashMap<>();
      if (item instanceof Map<?, ?> row) {
        row.forEach((key, value) -> texts.put(String.valueOf(key), String.valueOf(value)));
      }
      rows.add(texts);
    }
    return rows;
  }

  private record NoStorage() implements StorageProbe {
    @Override
    public Path dataDirectory(Configuration config) {
      throw new AssertionError("asked for a data directory");
    }

    @Override
    public List<Trial> tryTiers(Path dataDirectory, Configuration config) {
      throw new AssertionError("asked to try storage");
    }
  }
}
