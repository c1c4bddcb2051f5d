package io.kveik.bench.check;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/** What an assertion may be about. */
enum Metric {
  P50(Unit.TIME, Subject.OPERATION),
  P90(Unit.TIME, Subject.OPERATION),
  P99(Unit.TIME, Subject.OPERATION),
  P999(Unit.TIME, Subject.OPERATION),
  MAX(Unit.TIME, Subject.OPERATION),
  /** Payload moved. */
  THROUGHPUT(Unit.BYTES_PER_SECOND, Subject.EITHER),
  /** Iterations of the mix. */
  TPS(Unit.PER_SECOND, Subject.ALL),
  /** CPU time of the server for each 10^9 bytes moved. */
  CPU_PER_GB(Unit.SECONDS, Subject.ALL),
  /** Calls per second over those of a peer or limit. */
  RATIO(Unit.NONE, Subject.ALL),
  /** Calls that were refused or came too late, and wrong blocks. */
  ERRORS(Unit.NONE, Subject.EITHER);

  /** What a metric is of. */
  enum Subject {
    /** One operation. */
    OPERATION,
    /** All operations together. */
    ALL,
    /** Either. */
    EITHER
  }

  private final Unit unit;
  private final Subject subject;

  Metric(Unit unit, Subject subject) {
    this.unit = unit;
    this.subject = subject;
  }

  String key() {
    return name().toLowerCase(Locale.ROOT);
  }

  Unit unit() {
    return unit;
  }

  Subject subject() {
    return subject;
  }

  static List<String> keys() {
    return Arrays.stream(values()).map(Metric::key).toList();
  }
}
