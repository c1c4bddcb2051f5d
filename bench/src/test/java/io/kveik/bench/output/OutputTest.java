package io.kveik.bench.output;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.kveik.bench.check.Assertion;
import io.kveik.bench.check.Verdict;
import io.kveik.bench.contest.BenchResult;
import io.kveik.bench.contest.Results;
import io.kveik.bench.report.Style;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class OutputTest {
  private static final BenchResult RESULT = Results.reads();
  private static final List<Verdict> VERDICTS =
      List.of(Assertion.parse("read.p50<5ms").judge(RESULT));

  @TempDir Path directory;

  @Test
  void textHasFiguresRatiosAndVerdicts() {
    String text = ResultText.of(RESULT, VERDICTS, Style.PLAIN);
    assertThat(text)
        .contains("read: 8 blocks of 1,000,000 bytes (random), 1 s per point, 3 rounds")
        .containsPattern("kveik +4 +4,000\\.0 +512\\.0 +4,000\\.0 +4\\.000 +0\\.050 +3")
        .containsPattern("redis +4 +2\\.00")
        .containsPattern("memcpy \\(limit\\) +1 +0\\.10")
        .containsPattern("assertion +read\\.p50<5ms: FAILS, measured 8\\.\\d+ms at C=4");
  }

  @Test
  void csvHasALinePerStorePointAndOperation() {
    List<String> lines = ResultCsv.of(RESULT).lines().toList();
    assertThat(lines).hasSize(1 + 3 * 2);
    int columns = lines.getFirst().split(",", -1).length;
    assertThat(lines).allMatch(line -> line.split(",", -1).length == columns);
    assertThat(lines.get(1)).startsWith("read,kveik,1,,read,1000000,8,4,1,3,3.000,1000.000,");
  }

  @Test
  void jsonKeepsItsForm() {
    JsonObject json = ResultJson.of(RESULT, VERDICTS);
    assertThat(json.get("schema").getAsString()).isEqualTo("kveik.bench/1");
    assertThat(json.keySet())
        .containsExactly(
            "schema",
            "bench",
            "started",
            "machine",
            "plan",
            "complete",
            "stores",
            "ratios",
            "assertions",
            "clientPeakResidentBytes",
            "originalPeakTokensPerSecond");
    JsonArray stores = json.getAsJsonArray("stores");
    assertThat(stores).hasSize(3);
    JsonObject point =
        stores.get(0).getAsJsonObject().getAsJsonArray("points").get(1).getAsJsonObject();
    assertThat(point.keySet())
        .containsExactly(
            "concurrency",
            "rounds",
            "seconds",
            "callsPerSecond",
            "iterationsPerSecond",
            "tokensPerSecond",
            "gigabytesPerSecond",
            "serverCpuSecondsPerGigabyte",
            "serverResidentBytes",
            "operations",
            "counts",
            "heatColumnSeconds",
            "heat");
    assertThat(
            point
                .getAsJsonObject("operations")
                .getAsJsonObject("read")
                .getAsJsonObject("latencyMicros")
                .keySet())
        .containsExactly("mean", "p50", "p90", "p99", "p999", "max");
  }

  @Test
  void htmlNeedsNothingElse() {
    String html = HtmlReport.of(ResultJson.of(RESULT, VERDICTS));
    assertThat(html)
        .doesNotContain("/*DATA*/", "/*SCRIPT*/", "/*STYLE*/", "src=", "href=", "@import", "url(")
        .contains("a store \\u003c/script\\u003e");
    // The only address is the name of SVG's namespace.
    assertThat(html.replace("http://www.w3.org/2000/svg", "")).doesNotContain("http");
    assertThat(html.split("</script>", -1)).hasSize(3);
  }

  @Test
  void htmlScriptDrawsEverythingAndAnswersItsControls() throws Exception {
    assumeTrue(hasNode(), "node is not in PATH; install it: apt-get install nodejs");
    Path page = directory.resolve("report.html");
    Files.writeString(page, HtmlReport.of(ResultJson.of(RESULT, VERDICTS)));
    JsonObject drawn =
        JsonParser.parseString(run("node", dom().toString(), page.toString())).getAsJsonObject();
    assertThat(drawn.get("scripts").getAsInt()).isEqualTo(2);
    JsonObject lines = drawn.getAsJsonObject("before");
    assertThat(lines.get("throughput").getAsInt()).isEqualTo(3);
    assertThat(lines.get("latency").getAsInt()).isEqualTo(3 * 4);
    assertThat(lines.get("cpu").getAsInt()).isEqualTo(3);
    assertThat(lines.get("ratios").getAsInt()).isEqualTo(2);
    assertThat(drawn.get("hovered").getAsString()).isEqualTo("kveik\nC=1: 1.00");
    assertThat(drawn.get("switchedOff").getAsInt()).isEqualTo(2);
    assertThat(drawn.get("heatCells").getAsInt()).isPositive();
    assertThat(drawn.get("rows").getAsInt()).isEqualTo(1 + 3 * 2);
    assertThat(drawn.get("capacityBefore").getAsString()).startsWith("2 servers at C=4");
    assertThat(drawn.get("capacityBounded").getAsString()).startsWith("8 servers at C=1");
    assertThat(drawn.get("outcome").getAsString()).contains("read.p50<5ms: FAILS");
    assertThat(drawn.get("plan").getAsString()).contains("a store </script>");
  }

  private Path dom() throws IOException {
    Path file = directory.resolve("dom.js");
    try (InputStream in = OutputTest.class.getResourceAsStream("dom.js")) {
      Files.write(file, Objects.requireNonNull(in).readAllBytes());
    }
    return file;
  }

  private static boolean hasNode() throws InterruptedException {
    try {
      run("node", "--version");
      return true;
    } catch (IOException e) {
      return false;
    }
  }

  private static String run(String... command) throws IOException, InterruptedException {
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor()).as(out).isZero();
    return out;
  }
}
