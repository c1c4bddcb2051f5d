package io.kveik.server.cli;

/** What may be printed to a person's terminal. */
public final class Terminal {
  private static final String STANDARD_OUTPUT = "kveik.stdout.terminal";

  private Terminal() {}

  /** Whether standard output is a terminal: the ./kveik script says so, a JVM can't tell. */
  static boolean isStandardOutput() {
    return Boolean.getBoolean(STANDARD_OUTPUT);
  }

  /** The text with control characters replaced, so that nothing from outside moves the cursor. */
  public static String safe(String text) {
    StringBuilder safe = new StringBuilder(text.length());
    text.codePoints()
        .forEach(c ->
            safe.appendCodePoint(
                Character.isISOControl(c) || Character.getType(c) == Character.FORMAT ? '?' : c));
    return safe.toString();
  }
}
