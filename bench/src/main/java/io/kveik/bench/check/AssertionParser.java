package io.kveik.bench.check;

import io.kveik.bench.report.Operation;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * Reads one assertion.
 *
 * <pre>
 * assertion  = [operation "."] metric ["@" concurrency] comparison number [unit]
 * operation  = "lookup" | "read" | "readStream" | "write"
 * metric     = "p50" | ... | "ratio." contender
 * comparison = "&lt;" | "&lt;=" | ">" | ">=" | "=="
 * </pre>
 *
 * <p>Blanks may stand between parts. Every error names the position, from 1. Used once.
 */
final class AssertionParser {
  private static final int MAX_CHARS = 200;

  private final String text;
  private int at;

  AssertionParser(String text) {
    this.text = text;
  }

  /**
   * Reads it.
   *
   * @throws IllegalArgumentException when it is none
   */
  Assertion parse() {
    if (text.length() > MAX_CHARS) {
      throw wrong("it has %d characters, the limit is %d".formatted(text.length(), MAX_CHARS));
    }
    Optional<Operation> operation = operation();
    Metric metric = metric(operation);
    String other = "";
    if (metric == Metric.RATIO) {
      expect(".", "'.' and a contender, as in ratio.redis");
      other = word("a contender, as in ratio.redis");
    }
    OptionalInt concurrency = OptionalInt.empty();
    if (take("@")) {
      concurrency = OptionalInt.of((int) number("a concurrency"));
    }
    Comparison comparison = comparison();
    double bound = number("a number") * unit(metric.unit());
    skipBlanks();
    if (at < text.length()) {
      throw wrong("expected nothing more");
    }
    return new Assertion(text, operation, metric, other, concurrency, comparison, bound);
  }

  private Optional<Operation> operation() {
    int start = at;
    String word = word("an operation or a metric");
    Optional<Operation> operation =
        Arrays.stream(Operation.values()).filter(o -> o.key().equals(word)).findFirst();
    if (operation.isPresent()) {
      expect(".", "'.' and a metric");
    } else {
      at = start;
    }
    return operation;
  }

  private Metric metric(Optional<Operation> operation) {
    skipBlanks();
    int start = at;
    String word = word("a metric");
    Metric metric =
        Arrays.stream(Metric.values())
            .filter(m -> m.key().equals(word))
            .findFirst()
            .orElseThrow(() -> {
              at = start;
              String operations = operation.isPresent() ? "" : "an operation with '.', or ";
              return wrong("expected " + operations + oneOf(Metric.keys()));
            });
    if (operation.isEmpty() && metric.subject() == Metric.Subject.OPERATION) {
      at = start;
      throw wrong("%s needs an operation before it, as in read.%1$s".formatted(metric.key()));
    }
    if (operation.isPresent() && metric.subject() == Metric.Subject.ALL) {
      at = start;
      throw wrong(metric.key() + " is of all operations together; leave the operation out");
    }
    return metric;
  }

  private Comparison comparison() {
    for (Comparison comparison : Comparison.values()) {
      if (take(comparison.sign())) {
        return comparison;
      }
    }
    throw wrong("expected " + oneOf(Comparison.signs()));
  }

  private double unit(Unit unit) {
    skipBlanks();
    for (String name : unit.names()) {
      if (text.substring(at).trim().equals(name)) {
        at = text.length();
        return unit.factor(name);
      }
    }
    if (unit.isRequired()) {
      throw wrong("expected a unit, " + oneOf(unit.names()));
    }
    return unit.factor("");
  }

  private double number(String what) {
    skipBlanks();
    int start = at;
    while (at < text.length() && "0123456789.".indexOf(text.charAt(at)) >= 0) {
      at++;
    }
    try {
      return Double.parseDouble(text.substring(start, at));
    } catch (NumberFormatException e) {
      at = start;
      throw wrong("expected " + what);
    }
  }

  private String word(String what) {
    skipBlanks();
    int start = at;
    while (at < text.length()
        && (Character.isLetterOrDigit(text.charAt(at)) || text.charAt(at) == '_')) {
      at++;
    }
    if (at == start) {
      throw wrong("expected " + what);
    }
    return text.substring(start, at);
  }

  private void expect(String sign, String what) {
    if (!take(sign)) {
      throw wrong("expected " + what);
    }
  }

  private boolean take(String sign) {
    skipBlanks();
    boolean there = text.startsWith(sign, at);
    at += there ? sign.length() : 0;
    return there;
  }

  private void skipBlanks() {
    while (at < text.length() && text.charAt(at) == ' ') {
      at++;
    }
  }

  private IllegalArgumentException wrong(String why) {
    String found =
        at < text.length()
            ? "'" + text.substring(at, Math.min(text.length(), at + 12)) + "'"
            : "the end";
    return new IllegalArgumentException(
        "--assert '%s': position %d, at %s: %s"
            .formatted(text.substring(0, Math.min(text.length(), MAX_CHARS)), at + 1, found, why));
  }

  private static String oneOf(List<String> names) {
    return names.size() == 1 ? names.getFirst() : "one of " + String.join(", ", names);
  }
}
