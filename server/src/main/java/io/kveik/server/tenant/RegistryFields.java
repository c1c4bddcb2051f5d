package io.kveik.server.tenant;

import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** One map of a {@link RegistryFile}, whose fields are read with their checks. Immutable. */
final class RegistryFields {
  /** The grammar of resources, containers, partitions and tenants. */
  static final Pattern NAME = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]{0,127}");

  private final String where;
  private final Map<?, ?> values;

  private RegistryFields(String where, Map<?, ?> values) {
    this.where = where;
    this.values = values;
  }

  /**
   * @param where for messages
   * @param node what the file has there
   * @param legal fields that it may have
   */
  static RegistryFields of(String where, @Nullable Object node, Set<String> legal)
      throws RegistryFileException {
    if (!(node instanceof Map<?, ?> map)) {
      throw new RegistryFileException(where + ": must be a map");
    }
    RegistryFields fields = new RegistryFields(where, map);
    fields.only(legal);
    return fields;
  }

  /** The same fields, named otherwise in messages. */
  RegistryFields called(String name) {
    return new RegistryFields(name, values);
  }

  /** The map that a field is. */
  RegistryFields map(String name, Set<String> legal) throws RegistryFileException {
    return of(where + ", " + name, values.get(name), legal);
  }

  void only(Set<String> legal) throws RegistryFileException {
    for (Object name : values.keySet()) {
      if (!(name instanceof String text) || !legal.contains(text)) {
        throw new RegistryFileException(
            "%s: no field '%s' here; there are %s"
                .formatted(where, name, legal.stream().sorted().toList()));
      }
    }
  }

  boolean has(String name) {
    return values.containsKey(name);
  }

  /** False where it is not given. */
  boolean on(String name) throws RegistryFileException {
    Object value = values.get(name);
    if (value instanceof Boolean on) {
      return on;
    }
    if (has(name)) {
      throw refused(name, String.valueOf(value), "must be true or false");
    }
    return false;
  }

  String text(String name) throws RegistryFileException {
    Object value = values.get(name);
    if (value == null || value instanceof Map || value instanceof List) {
      throw problem(name + " must be given, as text");
    }
    return value.toString();
  }

  String matching(String name, Pattern pattern) throws RegistryFileException {
    String text = text(name);
    if (!pattern.matcher(text).matches()) {
      throw refused(name, text, "must match " + pattern);
    }
    return text;
  }

  /**
   * @param min smallest legal number
   * @param max largest
   */
  int number(String name, int min, int max) throws RegistryFileException {
    String text = text(name);
    try {
      int number = Integer.parseInt(text);
      if (number >= min && number <= max) {
        return number;
      }
    } catch (NumberFormatException e) {
      // Said below.
    }
    throw refused(name, text, "must be a whole number, %d to %d".formatted(min, max));
  }

  RegistryFileException refused(String name, String value, String why) {
    return problem("%s: '%s' %s".formatted(name, value, why));
  }

  RegistryFileException problem(String what) {
    return new RegistryFileException(where + ": " + what);
  }
}
