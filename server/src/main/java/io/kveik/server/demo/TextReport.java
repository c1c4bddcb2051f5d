package io.kveik.server.demo;

import com.google.errorprone.annotations.FormatMethod;
import com.google.errorprone.annotations.FormatString;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;

/** A {@link DemoResult} for people: a table of 80 columns and what it means. */
final class TextReport {
  private static final int LABEL_WIDTH = 26;
  private static final int COLUMN_WIDTH = 13;
  private static final int NAME_WIDTH = 16;
  private static final int PROMISE_WIDTH = 20;
  private static final int TEXT_WIDTH = 80;
  private static final double MEGABYTE = 1e6;
  private static final double BILLION = 1e9;
  private static final int STATED_BLOCK_BYTES = 1_228_800;

  private final PrintWriter out;
  private final Style style;
  private final DemoResult result;
  private final List<TenantStats> columns = new ArrayList<>();

  private TextReport(PrintWriter out, Style style, DemoResult result) {
    this.out = out;
    this.style = style;
    this.result = result;
    result.tenants().forEach(tenant -> columns.add(tenant.stats()));
    columns.add(result.total());
  }

  static void print(DemoResult result, PrintWriter out, Style style) {
    TextReport report = new TextReport(out, style, result);
    report.table();
    report.findings();
    report.next();
    out.flush();
  }

  private void table() {
    List<String> names = new ArrayList<>();
    List<String> conversations = new ArrayList<>();
    for (DemoResult.Tenant tenant : result.tenants()) {
      names.add(tenant.name());
      conversations.add(tenant.conversation());
    }
    names.add("total");
    conversations.add("");
    out.println();
    out.println(style.strong(line("tenant", names)));
    out.println(style.faint(line("conversation", conversations)));
    rule();
    row("turns", s -> count(s.turns));
    row("prompt tokens", s -> count(s.promptTokens));
    row("  restored", s -> count(s.restoredTokens));
    row("  computed", s -> count(s.computedTokens()));
    row("prefix hit ratio", s -> number("%.1f %%", 100 * s.prefixHitRatio()));
    row("est. prefill saved, s", s -> number("%.2f", seconds(s)));
    rule();
    row("lookup p50 / p99, ms", s -> latency(s.lookups));
    row("read p50 / p99, ms", s -> latency(s.reads));
    row("write p50 / p99, ms", s -> latency(s.writes));
    row("restored, MB", s -> number("%,.1f", s.bytesRestored / MEGABYTE));
    row("written, MB", s -> number("%,.1f", s.bytesWritten / MEGABYTE));
    rule();
    row("survived, ack shared", s -> s.sharedSurvived + " of " + s.sharedBeforeKill);
    row("survived, ack memory", s -> s.othersSurvived + " of " + s.othersBeforeKill);
    row("wrong bytes", s -> count(s.wrongBytes));
    rule();
  }

  private void findings() {
    TenantStats total = result.total();
    DemoOptions options = result.options();
    PrefillEstimate prefill = options.prefill();
    verdict(
        "never wrong",
        total.wrongBytes == 0,
        "wrong bytes: %,d; %,.1f MB read, every byte compared",
        total.wrongBytes,
        total.bytesChecked / MEGABYTE);
    verdict(
        "never each other's",
        result.blocksAcrossTenants() == 0,
        "blocks seen across tenants: %,d; %,d asked for",
        result.blocksAcrossTenants(),
        result.spiedBlocks());
    verdict(
        "never lost",
        total.sharedSurvived == total.sharedBeforeKill,
        "after kill -9: %,d of %,d blocks acked at shared",
        total.sharedSurvived,
        total.sharedBeforeKill);
    out.println();
    note(
        "tenants",
        "%s and %s share one system prompt, word for word; each was given the other's exact tokens"
            + " and block locations, and may find only what it wrote itself.",
        result.tenants().get(0).name(),
        result.tenants().get(1).name());
    note(
        "ack memory",
        "may be lost in a kill: those blocks were in DRAM and on their way to disk. What is lost is"
            + " computed again.");
    note("prefill saved", "%s", PrefillEstimate.FORMULA);
    note(
        "",
        "= 2 × %s × %,d / (%s TFLOP/s × %s) = %.2f s",
        shortNumber(prefill.parameters()),
        total.restoredTokens,
        trimmed(prefill.gpuTflops()),
        trimmed(prefill.utilisation()),
        seconds(total));
    note(
        "",
        "Assumed: a model of %s parameters, a GPU of %s TFLOP/s (dense bf16), %s of it reached. Set"
            + " --model-params, --gpu-tflops, --utilisation.",
        shortNumber(prefill.parameters()),
        trimmed(prefill.gpuTflops()),
        trimmed(prefill.utilisation()));
    note(
        "block",
        "128 tokens, %,d bytes. The original service states 1.2 MB as its typical payload: %,d"
            + " bytes, the default here. What a model needs depends on its layers, heads and type.",
        options.blockBytes(),
        STATED_BLOCK_BYTES);
    note(
        "latency",
        "measured here, by the client, with both JVMs cold. A read's is the time from one block"
            + " to the next; after the kill blocks come from disk.");
    out.println();
    out.println(
        "  "
            + (result.passed()
                ? style.good("All promises kept")
                : style.bad("A promise was broken"))
            + number(" in %.1f s.", result.wallSeconds()));
  }

  private void next() {
    out.println();
    out.println("  " + style.strong("next"));
    command("./kveik server", "a server of your own on port 50051");
    command("./kveik lookup", "how much of a prompt it holds, and why not more");
    command("./kveik replay", "your own trace against it");
    command("docs/", "how it works, starting with ARCHITECTURE.md");
  }

  private void command(String command, String meaning) {
    out.println("  " + padded(command, NAME_WIDTH) + "  " + style.faint(meaning));
  }

  @FormatMethod
  private void verdict(
      String promise, boolean kept, @FormatString String format, Object... values) {
    String mark = kept ? style.good("ok    ") : style.bad("BROKEN");
    out.println("  " + mark + "  " + padded(promise, PROMISE_WIDTH) + number(format, values));
  }

  /** A named paragraph, wrapped. */
  @FormatMethod
  private void note(String name, @FormatString String format, Object... values) {
    String margin = padded(name, NAME_WIDTH);
    StringBuilder line = new StringBuilder();
    for (String word : style.text(number(format, values)).split(" ", -1)) {
      if (!line.isEmpty() && line.length() + word.length() + NAME_WIDTH + 5 > TEXT_WIDTH) {
        out.println("  " + style.faint(margin) + "  " + line);
        margin = " ".repeat(NAME_WIDTH);
        line.setLength(0);
      }
      line.append(line.isEmpty() ? "" : " ").append(word);
    }
    out.println("  " + style.faint(margin) + "  " + line);
  }

  private void row(String label, Function<TenantStats, String> cell) {
    out.println(line(label, columns.stream().map(cell).toList()));
  }

  private void rule() {
    int width = LABEL_WIDTH + COLUMN_WIDTH * columns.size();
    out.println("  " + style.faint(style.text("─".repeat(width))));
  }

  private static String line(String label, List<String> cells) {
    StringBuilder line = new StringBuilder("  ").append(padded(label, LABEL_WIDTH));
    for (String cell : cells) {
      line.append(" ".repeat(Math.max(1, COLUMN_WIDTH - cell.length()))).append(cell);
    }
    return line.toString().stripTrailing();
  }

  private double seconds(TenantStats stats) {
    return result.options().prefill().seconds(stats.restoredTokens);
  }

  private static String padded(String text, int width) {
    return text + " ".repeat(Math.max(0, width - text.length()));
  }

  private static String latency(TenantStats.Latency latency) {
    return latency.count() == 0
        ? "-"
        : millis(latency.millisAt(50)) + " / " + millis(latency.millisAt(99));
  }

  /** Three digits or so, since that is what there is to know. */
  private static String millis(double value) {
    return value < 100 ? number("%.1f", value) : number("%.0f", value);
  }

  private static String count(long value) {
    return number("%,d", value);
  }

  /** 8e9 as "8B". */
  private static String shortNumber(double value) {
    return value >= BILLION ? trimmed(value / BILLION) + "B" : trimmed(value);
  }

  private static String trimmed(double value) {
    return value == Math.rint(value) ? number("%.0f", value) : Double.toString(value);
  }

  @FormatMethod
  private static String number(@FormatString String format, Object... values) {
    return String.format(Locale.ROOT, format, values);
  }
}
