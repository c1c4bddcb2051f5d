package io.kveik.bench.contest;

import io.kveik.bench.run.Bounds;

/**
 * How long a contender is loaded before it is measured for the first time.
 *
 * @param seconds so long, at most
 * @param untilSteady true to end it earlier, once {@link SteadyRate} says so
 */
public record Warmup(int seconds, boolean untilSteady) {
  /** What stands for {@link #UNTIL_STEADY}. */
  public static final String AUTO = "auto";

  /** Until the rate rises no more. */
  public static final Warmup UNTIL_STEADY = new Warmup(60, true);

  private static final int WINDOW_SECONDS = 3;
  private static final int LATER_SECONDS = 1;

  /** Checks the bounds. */
  public Warmup {
    Bounds.within("warmup", seconds, 0, BenchPlan.MAX_SECONDS);
  }

  /**
   * @param text seconds, or {@value #AUTO}
   * @throws IllegalArgumentException for anything else
   */
  public static Warmup parse(String text) {
    if (text.equals(AUTO)) {
      return UNTIL_STEADY;
    }
    try {
      return new Warmup(Integer.parseInt(text), false);
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException(
          "warmup: '%s', must be %s or seconds".formatted(text, AUTO), e);
    }
  }

  /** What is loaded at a time: all of it where its length does not depend on the rate. */
  int windowSeconds() {
    return untilSteady ? WINDOW_SECONDS : seconds;
  }

  /** Of one after the first. */
  int laterSeconds() {
    return Math.min(LATER_SECONDS, seconds);
  }
}
