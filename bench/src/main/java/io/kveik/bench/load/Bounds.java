package io.kveik.bench.load;

/** Refuses numbers out of bounds. Stateless. */
final class Bounds {
  private Bounds() {}

  static void within(String field, long value, long min, long max) {
    if (value < min || value > max) {
      throw new IllegalArgumentException(
          "%s is %d, not in %d..%d".formatted(field, value, min, max));
    }
  }
}
