package io.kveik.server.cli;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Writes JSON, on one line: maps, lists, strings, numbers, booleans and null. Whatever could move a
 * cursor is escaped. Labels and other 64-bit names go in as strings, since many readers keep only
 * 53 bits of a number.
 */
public final class Json {
  private Json() {}

  /**
   * The text of a value.
   *
   * @throws IllegalArgumentException for a value of any other kind
   */
  public static String text(@Nullable Object value) {
    StringBuilder out = new StringBuilder();
    write(value, out);
    return out.toString();
  }

  private static void write(@Nullable Object value, StringBuilder out) {
    switch (value) {
      case null -> out.append("null");
      case Map<?, ?> map -> {
        String separator = "{";
        for (Map.Entry<?, ?> entry : map.entrySet()) {
          out.append(separator);
          quote(String.valueOf(entry.getKey()), out);
          out.append(":");
          write(entry.getValue(), out);
          separator = ",";
        }
        out.append(map.isEmpty() ? "{}" : "}");
      }
      case List<?> list -> {
        String separator = "[";
        for (Object item : list) {
          out.append(separator);
          write(item, out);
          separator = ",";
        }
        out.append(list.isEmpty() ? "[]" : "]");
      }
      case String text -> quote(text, out);
      case Boolean truth -> out.append(truth);
      case Integer number -> out.append(number);
      case Long number -> out.append(number);
      case Double number when Double.isFinite(number) -> out.append(number);
      default -> throw new IllegalArgumentException("no JSON for " + value.getClass());
    }
  }

  private static void quote(String text, StringBuilder out) {
    out.append('"');
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      boolean plain =
          c != '"'
              && c != '\\'
              && !Character.isISOControl(c)
              && Character.getType(c) != Character.FORMAT
              && !Character.isSurrogate(c);
      if (plain) {
        out.append(c);
      } else {
        out.append("\\u%04x".formatted((int) c));
      }
    }
    out.append('"');
  }
}
