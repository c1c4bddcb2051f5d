package io.kveik.server.demo;

import java.util.List;
import java.util.Map;

/** Writes maps, lists, strings, numbers and booleans as JSON (RFC 8259), indented by two spaces. */
final class Json {
  private static final String INDENT = "  ";

  private Json() {}

  static String of(Object value) {
    StringBuilder out = new StringBuilder();
    append(out, value, "\n");
    return out.append('\n').toString();
  }

  private static void append(StringBuilder out, Object value, String newLine) {
    switch (value) {
      case Map<?, ?> map -> {
        out.append('{');
        String separator = newLine + INDENT;
        for (Map.Entry<?, ?> entry : map.entrySet()) {
          out.append(separator);
          string(out, String.valueOf(entry.getKey()));
          out.append(": ");
          append(out, entry.getValue(), newLine + INDENT);
          separator = "," + newLine + INDENT;
        }
        out.append(newLine).append('}');
      }
      case List<?> list -> {
        out.append('[');
        String separator = newLine + INDENT;
        for (Object element : list) {
          out.append(separator);
          append(out, element, newLine + INDENT);
          separator = "," + newLine + INDENT;
        }
        out.append(newLine).append(']');
      }
      case Double number when !Double.isFinite(number) ->
          throw new IllegalArgumentException("JSON has no " + number);
      case Number number -> out.append(number);
      case Boolean truth -> out.append(truth);
      default -> string(out, value.toString());
    }
  }

  private static void string(StringBuilder out, String text) {
    out.append('"');
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c == '"' || c == '\\') {
        out.append('\\').append(c);
      } else if (c < ' ') {
        out.append("\\u%04x".formatted((int) c));
      } else {
        out.append(c);
      }
    }
    out.append('"');
  }
}
