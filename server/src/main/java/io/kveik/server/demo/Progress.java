package io.kveik.server.demo;

import com.google.errorprone.annotations.FormatMethod;
import java.io.PrintWriter;
import java.util.Locale;

/**
 * Says what is going on: on a terminal as one line that is painted over and events that stay, else
 * as plain lines. One thread. Everything it prints comes from the demo itself.
 */
final class Progress {
  private static final int BAR = 20;

  private final PrintWriter out;
  private final Style style;

  Progress(PrintWriter out, Style style) {
    this.out = out;
    this.style = style;
  }

  /** What happens at the moment, and how far along it is. */
  void now(long done, long of, String what) {
    if (style.terminal()) {
      int full = (int) (BAR * done / of);
      String bar =
          style.good(style.text("█".repeat(full)))
              + style.faint(style.text("░".repeat(BAR - full)));
      out.print(style.clearLine() + "  " + bar + "  " + what);
    } else {
      out.println("  " + what);
    }
    out.flush();
  }

  /** Something that stays to be read. */
  @FormatMethod
  void event(String format, Object... values) {
    String text = String.format(Locale.ROOT, format, values);
    out.println(style.clearLine() + "  " + style.notable(text));
    out.flush();
  }

  /** Ends the painted line. */
  void done() {
    out.print(style.clearLine());
    out.flush();
  }
}
