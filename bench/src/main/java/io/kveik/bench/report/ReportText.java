package io.kveik.bench.report;

import io.kveik.server.cli.Terminal;
import java.util.Optional;

/** Builds a report for people: a heading, what went wrong, and labelled lines. */
public final class ReportText {
  private final Style style;
  private final int labelChars;
  private final StringBuilder out = new StringBuilder();

  /**
   * @param labelChars width of the labels' column
   */
  public ReportText(Style style, int labelChars) {
    this.style = style;
    this.labelChars = labelChars;
  }

  /** The head of a report: what was run, whether to its end, and what ended it. */
  public void head(String title, boolean complete, Optional<String> failure) {
    out.append(style.heading(Terminal.safe(title))).append('\n');
    if (!complete) {
      out.append(style.bad("ended early; these are the figures so far")).append('\n');
    }
    failure.ifPresent(text -> out.append(style.bad("failed: " + Terminal.safe(text))).append('\n'));
    out.append('\n');
  }

  /** A line. */
  public void line(String label, String text) {
    out.append(("%-" + labelChars + "s %s%n").formatted(label, text));
  }

  /** A number that should be 0. */
  public void countOfBad(String label, long count, String text) {
    line(label, count > 0 ? style.bad(text) : style.good("0"));
  }

  /** A line that is as it should be, or is not. */
  public void verdict(boolean good, String label, String text) {
    line(label, good ? style.good(text) : style.bad(text));
  }

  /** A heading within the report. */
  public void section(String title) {
    out.append('\n').append(style.heading(title)).append('\n');
  }

  /** A table. */
  public void table(Table table) {
    out.append(table.render(style));
  }

  /** The report. */
  @Override
  public String toString() {
    return out.toString();
  }
}
