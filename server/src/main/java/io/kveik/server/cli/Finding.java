package io.kveik.server.cli;

/**
 * What the doctor found about one thing.
 *
 * @param subject the thing, one or two words
 * @param verdict how it is
 * @param text what was seen
 * @param mend what to do about it; empty when all is well
 */
record Finding(String subject, Verdict verdict, String text, String mend) {
  /** How a thing is. */
  enum Verdict {
    OK,
    /** A server starts, but not as well as it could. */
    WARN,
    /** A server would not start, or not work. */
    FAIL
  }

  static Finding ok(String subject, String text) {
    return new Finding(subject, Verdict.OK, text, "");
  }

  static Finding warn(String subject, String text, String mend) {
    return new Finding(subject, Verdict.WARN, text, mend);
  }

  static Finding fail(String subject, String text, String mend) {
    return new Finding(subject, Verdict.FAIL, text, mend);
  }
}
