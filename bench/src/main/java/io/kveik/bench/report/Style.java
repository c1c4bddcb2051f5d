package io.kveik.bench.report;

/** Whether text may be coloured: only on a terminal, and not where {@code NO_COLOR} is set. */
public enum Style {
  /** No escape sequences at all. */
  PLAIN,
  /** ANSI colours. */
  COLOURED;

  private static final String RESET = "\u001b[0m";

  /** The style for what goes to standard output. */
  public static Style ofStandardOutput() {
    String noColor = System.getenv("NO_COLOR");
    boolean wanted = noColor == null || noColor.isEmpty();
    return wanted && Terminals.isTerminal(Terminals.STANDARD_OUTPUT) ? COLOURED : PLAIN;
  }

  /** A heading. */
  public String heading(String text) {
    return paint("\u001b[1m", text);
  }

  /** Something that is as it should be. */
  public String good(String text) {
    return paint("\u001b[32m", text);
  }

  /** Something that must not be. */
  public String bad(String text) {
    return paint("\u001b[1;31m", text);
  }

  private String paint(String escape, String text) {
    return this == PLAIN ? text : escape + text + RESET;
  }
}
