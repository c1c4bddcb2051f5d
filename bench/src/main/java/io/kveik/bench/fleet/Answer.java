package io.kveik.bench.fleet;

import com.google.gson.JsonObject;
import io.kveik.bench.load.Counts;
import org.jspecify.annotations.Nullable;

/**
 * A line from a worker.
 *
 * @param kind what it says
 * @param failure what went wrong; of {@link Kind#FAILED} only
 * @param live what was counted so far; of {@link Kind#LIVE} only
 * @param measurement see {@link MeasurementJson}; of the answer to a run only
 */
record Answer(
    Kind kind, @Nullable String failure, @Nullable Counts live, @Nullable JsonObject measurement) {
  /** What it says. */
  enum Kind {
    /** The order was carried out. */
    DONE,
    /** It was not. */
    FAILED,
    /** It is in progress. */
    LIVE
  }

  static Answer done() {
    return new Answer(Kind.DONE, null, null, null);
  }

  static Answer done(JsonObject measurement) {
    return new Answer(Kind.DONE, null, null, measurement);
  }

  static Answer failed(String failure) {
    return new Answer(Kind.FAILED, failure, null, null);
  }

  static Answer live(Counts counts) {
    return new Answer(Kind.LIVE, null, counts, null);
  }
}
