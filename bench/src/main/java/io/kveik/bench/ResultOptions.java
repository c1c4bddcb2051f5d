package io.kveik.bench;

import com.google.gson.GsonBuilder;
import com.google.gson.JsonObject;
import io.kveik.bench.report.Style;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Where the figures of a run go. */
final class ResultOptions {
  /** What stands for standard output. */
  static final String STANDARD_OUTPUT = "-";

  @Option(
      names = "--json",
      paramLabel = "FILE",
      description =
          "Also write the figures as JSON; - for standard output, the text then to error.")
  private @Nullable String json;

  /**
   * Refuses a file that can't be written, before the run rather than after it.
   *
   * @throws IllegalArgumentException with a message for the user
   */
  void check() {
    checkWritable("--json", json);
  }

  /** Prints the text, and the JSON where it is wanted. */
  void publish(String text, JsonObject figures, PrintWriter out, PrintWriter err)
      throws IOException {
    PrintWriter textOut = takesStandardOutput() ? err : out;
    textOut.print(text);
    textOut.flush();
    if (json != null) {
      String rendered = new GsonBuilder().setPrettyPrinting().create().toJson(figures) + "\n";
      write(json, rendered, out);
    }
  }

  /** How the text may look. */
  Style style() {
    return takesStandardOutput() ? Style.PLAIN : Style.ofStandardOutput();
  }

  /** Whether standard output is the JSON's alone. */
  boolean takesStandardOutput() {
    return STANDARD_OUTPUT.equals(json);
  }

  static void checkWritable(String option, @Nullable String file) {
    if (file == null || file.equals(STANDARD_OUTPUT)) {
      return;
    }
    Path path = Path.of(file).toAbsolutePath();
    Path directory = path.getParent();
    if (directory == null || !Files.isDirectory(directory) || Files.isDirectory(path)) {
      throw new IllegalArgumentException(option + ": can't write a file " + path);
    }
  }

  static void write(String file, String text, PrintWriter out) throws IOException {
    if (file.equals(STANDARD_OUTPUT)) {
      out.print(text);
      out.flush();
    } else {
      Files.writeString(Path.of(file), text);
    }
  }
}
