package io.kveik.bench.check;

import java.util.Arrays;
import java.util.List;

/** How a figure is compared with a bound. Where one sign begins another, the longer comes first. */
enum Comparison {
  AT_MOST("<="),
  LESS("<"),
  AT_LEAST(">="),
  MORE(">"),
  EQUAL("==");

  private final String sign;

  Comparison(String sign) {
    this.sign = sign;
  }

  String sign() {
    return sign;
  }

  static List<String> signs() {
    return Arrays.stream(values()).map(Comparison::sign).toList();
  }

  boolean holds(double figure, double bound) {
    return switch (this) {
      case AT_MOST -> figure <= bound;
      case LESS -> figure < bound;
      case AT_LEAST -> figure >= bound;
      case MORE -> figure > bound;
      case EQUAL -> figure == bound;
    };
  }

  /** Whether {@code a} is worse than {@code b}: nearer to failing, or further from holding. */
  boolean isWorse(double a, double b, double bound) {
    return switch (this) {
      case AT_MOST, LESS -> a > b;
      case AT_LEAST, MORE -> a < b;
      case EQUAL -> Math.abs(a - bound) > Math.abs(b - bound);
    };
  }
}
