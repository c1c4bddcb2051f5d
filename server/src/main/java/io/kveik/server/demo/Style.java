package io.kveik.server.demo;

import java.io.Console;
import java.nio.charset.Charset;

/**
 * How to write to a person: colour and repainting only where that is a terminal, the signs of
 * Unicode only where they can be shown. Immutable.
 *
 * @param terminal whether a line can be painted over
 * @param colour whether colours are wanted there (NO_COLOR, see no-color.org)
 * @param unicode whether "─" and "×" arrive as such
 */
record Style(boolean terminal, boolean colour, boolean unicode) {
  private static final String ESCAPE = "\u001b[";

  /** For files, pipes and tests. */
  static Style plain(boolean unicode) {
    return new Style(false, false, unicode);
  }

  /** For what stands behind standard output. */
  @SuppressWarnings("SystemConsoleNull") // null again where there is no terminal, since JDK 25
  static Style ofStandardOutput() {
    Console console = System.console();
    boolean terminal =
        console != null && console.isTerminal() && !"dumb".equals(System.getenv("TERM"));
    String noColour = System.getenv("NO_COLOR");
    Charset charset =
        Charset.forName(System.getProperty("stdout.encoding", Charset.defaultCharset().name()));
    return new Style(
        terminal,
        terminal && (noColour == null || noColour.isEmpty()),
        charset.newEncoder().canEncode("─×█░"));
  }

  String strong(String text) {
    return paint("1", text);
  }

  String faint(String text) {
    return paint("2", text);
  }

  String good(String text) {
    return paint("32", text);
  }

  String bad(String text) {
    return paint("1;31", text);
  }

  String notable(String text) {
    return paint("33", text);
  }

  /** The text with what can't be shown replaced. */
  String text(String text) {
    return unicode
        ? text
        : text.replace('─', '-').replace('×', 'x').replace('█', '#').replace('░', '.');
  }

  /** To the start of the line, which is cleared. */
  String clearLine() {
    return terminal ? "\r" + ESCAPE + "K" : "";
  }

  private String paint(String code, String text) {
    return colour ? ESCAPE + code + "m" + text + ESCAPE + "0m" : text;
  }
}
