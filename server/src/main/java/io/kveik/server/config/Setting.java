package io.kveik.server.config;

import java.util.List;

/**
 * One thing that can be configured.
 *
 * @param key dotted name in the config file; upper-cased with underscores behind {@code KVEIK_} it
 *     is the environment variable, with dashes behind {@code --} the flag
 * @param kind how its text is read
 * @param defaultText its value when nobody says otherwise
 * @param min smallest legal number; unused for text, choices and switches
 * @param max largest legal number
 * @param choices legal words, for a choice
 * @param help what it does, one sentence
 * @param mapsTo what it becomes on this platform, where that is not obvious; else empty
 */
public record Setting(
    String key,
    Kind kind,
    String defaultText,
    long min,
    long max,
    List<String> choices,
    String help,
    String mapsTo) {

  /** How a setting's text is read. */
  public enum Kind {
    TEXT,
    CHOICE,
    /** true or false; the flag alone means true. */
    SWITCH,
    COUNT,
    MILLIS,
    /** A number of bytes, or one with a unit: KiB, MiB, GiB, TiB. */
    BYTES
  }

  public String flag() {
    return "--" + key.replace('.', '-');
  }

  public String environmentVariable() {
    return "KVEIK_" + key.replace('.', '_').replace('-', '_').toUpperCase(java.util.Locale.ROOT);
  }

  static Setting text(String key, String defaultText, String help) {
    return new Setting(key, Kind.TEXT, defaultText, 0, 0, List.of(), help, "");
  }

  static Setting choice(String key, String defaultText, List<String> choices, String help) {
    return new Setting(key, Kind.CHOICE, defaultText, 0, 0, choices, help, "");
  }

  static Setting toggle(String key, String help) {
    return new Setting(key, Kind.SWITCH, "false", 0, 0, List.of(), help, "");
  }

  static Setting number(
      String key, Kind kind, String defaultText, long min, long max, String help) {
    return new Setting(key, kind, defaultText, min, max, List.of(), help, "");
  }

  Setting mapping(String to) {
    return new Setting(key, kind, defaultText, min, max, choices, help, to);
  }
}
