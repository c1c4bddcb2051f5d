package io.kveik.server.config;

import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The settings in force, each with where its value came from. Immutable; every value has been read
 * and checked when it exists.
 */
public final class Configuration {
  private static final Pattern SIZE = Pattern.compile("([0-9]{1,18})\\s*([KMGT]i?B?|B)?");

  /** Where a value came from; later ones win. */
  public enum Source {
    DEFAULT,
    FILE,
    ENVIRONMENT,
    FLAG
  }

  /** A setting's text and its origin. */
  public record Value(String text, Source source) {}

  private final Map<Setting, Value> values;

  private Configuration(Map<Setting, Value> values) {
    this.values = values;
  }

  /**
   * Merges the sources.
   *
   * @param file by key, as read from a config file
   * @param environment all of it; only KVEIK_ variables count
   * @param flags by key
   * @throws ConfigException for an unknown key or a value out of bounds
   */
  public static Configuration of(
      Map<String, String> file, Map<String, String> environment, Map<String, String> flags) {
    Map<Setting, Value> values = new HashMap<>();
    Map<String, Setting> byKey = new HashMap<>();
    for (Setting setting : Settings.all()) {
      byKey.put(setting.key(), setting);
      values.put(setting, new Value(setting.defaultText(), Source.DEFAULT));
    }
    put(values, byKey, file, Source.FILE);
    for (Setting setting : Settings.all()) {
      String text = environment.get(setting.environmentVariable());
      if (text != null) {
        values.put(setting, new Value(text, Source.ENVIRONMENT));
      }
    }
    put(values, byKey, flags, Source.FLAG);
    values.forEach((setting, value) -> check(setting, value.text()));
    return new Configuration(Map.copyOf(values));
  }

  public static Configuration defaults() {
    return of(Map.of(), Map.of(), Map.of());
  }

  private static void put(
      Map<Setting, Value> values,
      Map<String, Setting> byKey,
      Map<String, String> texts,
      Source source) {
    texts.forEach((key, text) -> {
      Setting setting = byKey.get(key);
      if (setting == null) {
        throw new ConfigException(key + ": no such setting; ./kveik config explain lists them all");
      }
      values.put(setting, new Value(text, source));
    });
  }

  public Value value(Setting setting) {
    Value value = values.get(setting);
    if (value == null) {
      throw new IllegalArgumentException("not in the catalogue: " + setting.key());
    }
    return value;
  }

  public String text(Setting setting) {
    return value(setting).text();
  }

  public boolean on(Setting setting) {
    String text = text(setting);
    return text.equals("true") || text.equals("on");
  }

  public long number(Setting setting) {
    return parse(setting, text(setting));
  }

  public int count(Setting setting) {
    return Math.toIntExact(number(setting));
  }

  private static void check(Setting setting, String text) {
    switch (setting.kind()) {
      case TEXT -> {}
      case CHOICE -> {
        if (!setting.choices().contains(text)) {
          throw invalid(setting, text, "one of " + String.join(", ", setting.choices()));
        }
      }
      case SWITCH -> {
        if (!text.equals("true") && !text.equals("false")) {
          throw invalid(setting, text, "true or false");
        }
      }
      case COUNT, MILLIS, BYTES -> {
        long number = parse(setting, text);
        if (number < setting.min() || number > setting.max()) {
          throw invalid(setting, text, setting.min() + " to " + setting.max());
        }
      }
    }
  }

  private static long parse(Setting setting, String text) {
    try {
      return setting.kind() == Setting.Kind.BYTES ? parseBytes(text) : Long.parseLong(text.trim());
    } catch (ArithmeticException | NumberFormatException e) {
      String wanted =
          setting.kind() == Setting.Kind.BYTES
              ? "bytes, or a number with KiB, MiB, GiB or TiB"
              : "a whole number";
      throw invalid(setting, text, wanted);
    }
  }

  /**
   * Reads a size such as 1048576, 512MiB or 4G.
   *
   * @throws NumberFormatException when it is none
   * @throws ArithmeticException when it does not fit 63 bits
   */
  public static long parseBytes(String text) {
    Matcher matcher = SIZE.matcher(text.trim());
    if (!matcher.matches()) {
      throw new NumberFormatException(text);
    }
    String unit = matcher.group(2) == null ? "B" : matcher.group(2).toUpperCase(Locale.ROOT);
    int shift = 10 * "BKMGT".indexOf(unit.charAt(0));
    return Math.multiplyExact(Long.parseLong(matcher.group(1)), 1L << shift);
  }

  private static ConfigException invalid(Setting setting, String text, String wanted) {
    return new ConfigException(setting.key() + ": '" + text + "', must be " + wanted);
  }
}
