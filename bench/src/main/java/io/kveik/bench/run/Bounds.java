package io.kveik.bench.run;

/** Refuses numbers out of bounds. Stateless. */
public final class Bounds {
  private Bounds() {}

  /**
   * Refuses a number below {@code min} or above {@code max}.
   *
   * @throws IllegalArgumentException that names field, value and limits
   */
  public static void within(String field, long value, long min, long max) {
    if (value < min || value > max) {
      throw new IllegalArgumentException(
          "%s is %d, not in %d..%d".formatted(field, value, min, max));
    }
  }
}
