package io.kveik.bench.check;

import java.util.List;

/** The units of a metric's bound, and how many of the unit that figures have each of them is. */
@SuppressWarnings("ImmutableEnumChecker") // List.of can't be changed.
enum Unit {
  /** Figures are microseconds. */
  TIME(List.of("ns", "us", "ms", "s"), List.of(1e-3, 1.0, 1e3, 1e6), true, 1e3, "ms"),
  /** Figures are 10^9 bytes per second. */
  BYTES_PER_SECOND(List.of("GB/s", "MB/s"), List.of(1.0, 1e-3), true, 1, "GB/s"),
  /** Figures are per second. */
  PER_SECOND(List.of("/s"), List.of(1.0), false, 1, "/s"),
  /** Figures are seconds. */
  SECONDS(List.of("s", "ms"), List.of(1.0, 1e-3), false, 1, "s"),
  /** Figures are numbers. */
  NONE(List.of(), List.of(), false, 1, "");

  private final List<String> names;
  private final List<Double> factors;
  private final boolean required;
  private final double shownFactor;
  private final String shownName;

  Unit(
      List<String> names,
      List<Double> factors,
      boolean required,
      double shownFactor,
      String shownName) {
    this.names = names;
    this.factors = factors;
    this.required = required;
    this.shownFactor = shownFactor;
    this.shownName = shownName;
  }

  /** The names that may stand behind a number. */
  List<String> names() {
    return names;
  }

  /** Whether a bound needs one. */
  boolean isRequired() {
    return required;
  }

  /** What a number of a named unit is in the unit of figures. */
  double factor(String name) {
    return name.isEmpty() ? 1 : factors.get(names.indexOf(name));
  }

  /** A figure for people. */
  String show(double figure) {
    return "%.4g%s".formatted(figure / shownFactor, shownName);
  }
}
