package io.kveik.server.cli;

/** What may be printed to a person's terminal. */
public final class Terminal {
  private Terminal() {}

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
