package io.kveik.bench;

import com.google.gson.JsonObject;
import io.kveik.bench.check.Assertion;
import io.kveik.bench.check.Verdict;
import io.kveik.bench.contest.BenchPlan;
import io.kveik.bench.contest.BenchResult;
import io.kveik.bench.load.Point;
import io.kveik.bench.output.HtmlReport;
import io.kveik.bench.output.ResultCsv;
import io.kveik.bench.output.ResultJson;
import io.kveik.bench.output.ResultText;
import io.kveik.bench.report.Operation;
import io.kveik.bench.report.Style;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** What becomes of a benchmark's figures: files, and assertions that judge them. */
final class FigureOptions {
  @Option(
      names = "--csv",
      paramLabel = "FILE",
      description =
          "Also write the figures as CSV, a line per store, concurrency and operation; - for"
              + " standard output, the text then to error.")
  private @Nullable String csv;

  @Option(
      names = "--html",
      paramLabel = "FILE",
      description =
          "Also write a report with interactive charts: one file that needs nothing else.")
  private @Nullable String html;

  @Option(
      names = "--assert",
      paramLabel = "WHAT",
      description = {
        "Exit with 1 unless this holds, at every concurrency, or at one: 'read.p99<5ms',"
            + " 'read.p99@32<70ms', 'throughput>=2GB/s', 'tps>50', 'cpu_per_gb<0.3',"
            + " 'ratio.redis>1', 'write.errors==0'. Operations: lookup, read, readStream, write;"
            + " metrics: p50, p90, p99, p999, max, throughput, tps, cpu_per_gb, ratio.STORE,"
            + " errors. May be given several times."
      })
  private List<String> assertions = new ArrayList<>();

  /**
   * Refuses files that can't be written, two things on standard output, and assertions on what is
   * not measured.
   *
   * @return the assertions
   * @throws IllegalArgumentException with a message for the user
   */
  List<Assertion> check(
      ResultOptions result, BenchPlan plan, Set<Operation> operations, List<String> others) {
    ResultOptions.checkWritable("--csv", csv);
    ResultOptions.checkWritable("--html", html);
    if (ResultOptions.STANDARD_OUTPUT.equals(html)) {
      throw new IllegalArgumentException("--html needs a file");
    }
    if (takesStandardOutput() && result.takesStandardOutput()) {
      throw new IllegalArgumentException("--json - and --csv - exclude each other");
    }
    List<Integer> clients = plan.points().stream().map(Point::concurrency).toList();
    List<Assertion> parsed = assertions.stream().map(Assertion::parse).toList();
    parsed.forEach(assertion -> assertion.check(operations, others, clients));
    return parsed;
  }

  /** Prints and writes everything. */
  void publish(
      BenchResult figures,
      List<Verdict> verdicts,
      ResultOptions result,
      PrintWriter out,
      PrintWriter err)
      throws IOException {
    JsonObject json = ResultJson.of(figures, verdicts);
    Style style = takesStandardOutput() ? Style.PLAIN : result.style();
    String text = ResultText.of(figures, verdicts, style);
    result.publish(text, json, takesStandardOutput() ? err : out, err);
    if (csv != null) {
      ResultOptions.write(csv, ResultCsv.of(figures), out);
    }
    if (html != null) {
      ResultOptions.write(html, HtmlReport.of(json), out);
    }
  }

  private boolean takesStandardOutput() {
    return ResultOptions.STANDARD_OUTPUT.equals(csv);
  }
}
