package io.kveik.bench;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import picocli.CommandLine;

class WhatIfCommandTest {
  private static final String TRACE = "synthetic:chat,seed=3,requests=500";

  @TempDir Path directory;
  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();

  @Test
  void tellsPoliciesAtCapacitiesBesideTheBound() {
    assertThat(whatIf(TRACE, "--policy", "default,lru", "--capacity", "2%,10%", "--json", "-"))
        .isZero();
    JsonObject json = JsonParser.parseString(out.toString()).getAsJsonObject();
    List<JsonElement> rows = json.getAsJsonArray("rows").asList();
    assertThat(rows)
        .extracting(row -> row.getAsJsonObject().get("policy").getAsString())
        .containsExactly("default", "default", "lru", "lru", "min", "min");
    for (JsonElement row : rows) {
      JsonObject cells = row.getAsJsonObject();
      assertThat(cells.get("capacity").getAsString()).isIn("2%", "10%");
      assertThat(cells.get("blockHitRatio").getAsDouble())
          .isBetween(0.01, cells.get("minBlockHitRatio").getAsDouble());
      assertThat(cells.get("requestHitRatio").getAsDouble()).isBetween(0.01, 1.0);
      assertThat(cells.get("tokensSaved").getAsLong()).isPositive();
    }
    assertThat(err.toString()).contains("tokens saved", "of MIN");
  }

  @Test
  void capacityInBytesIsOfBlocksOfThatSize() {
    // 512 tokens are four blocks: 4 MiB each.
    assertThat(whatIf(TRACE, "--capacity", "64MiB", "--block-bytes", "1MiB", "--json", "-"))
        .isZero();
    JsonObject json = JsonParser.parseString(out.toString()).getAsJsonObject();
    JsonObject row = json.getAsJsonArray("rows").get(0).getAsJsonObject();
    assertThat(row.get("capacityIds").getAsInt()).isEqualTo(16);
  }

  @Test
  void pageNeedsNothingElse() throws IOException {
    Path page = directory.resolve("curves.html");
    assertThat(whatIf(TRACE, "--html", page.toString())).isZero();
    String html = Files.readString(page);
    assertThat(html)
        .doesNotContain("/*DATA*/", "/*SCRIPT*/", "/*STYLE*/", "src=", "href=", "@import", "url(")
        .contains("\"policy\":\"default\"");
    assertThat(html.replace("http://www.w3.org/2000/svg", "")).doesNotContain("http");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '"',
      value = {
        "nowhere.jsonl | can't read a trace at nowhere.jsonl",
        "synthetic:tea | is not synthetic:",
        TRACE + " --policy tea | --policy: 'tea' is not one of all, table, default, lru",
        TRACE + " --capacity 0% | '0%' is not a size",
        TRACE + " --capacity lots | 'lots' is not a size",
        TRACE + " --capacity 64GiB | --block-bytes",
        TRACE + " --html - | --html needs a file",
      })
  void saysWhatIsWrong(String command, String message) {
    assertThat(whatIf(command.trim().split(" ", -1))).isEqualTo(2);
    assertThat(err.toString()).contains(message.trim());
  }

  private int whatIf(String... args) {
    return new CommandLine(new WhatIfCommand())
        .setOut(new PrintWriter(out))
        .setErr(new PrintWriter(err))
        .execute(args);
  }
}
