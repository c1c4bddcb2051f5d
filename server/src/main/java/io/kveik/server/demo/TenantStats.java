package io.kveik.server.demo;

import java.util.concurrent.TimeUnit;
import org.HdrHistogram.Histogram;

/** What is counted for one tenant, or for all of them together. One thread. */
final class TenantStats {
  private static final int DIGITS = 3;
  private static final double NANOS_PER_MILLI = 1e6;

  /** Nanoseconds of one kind of call. */
  static final class Latency {
    private final Histogram nanos = new Histogram(TimeUnit.MINUTES.toNanos(10), DIGITS);

    void record(long value) {
      nanos.recordValue(Math.clamp(value, 0, nanos.getHighestTrackableValue()));
    }

    long count() {
      return nanos.getTotalCount();
    }

    double millisAt(double percentile) {
      return count() == 0 ? 0 : nanos.getValueAtPercentile(percentile) / NANOS_PER_MILLI;
    }
  }

  final Latency lookups = new Latency();
  final Latency reads = new Latency();
  final Latency writes = new Latency();
  long turns;
  long promptTokens;
  long restoredTokens;
  long bytesRestored;
  long bytesWritten;
  long bytesChecked;
  long wrongBytes;
  long sharedAsked;
  long sharedBeforeKill;
  long sharedSurvived;
  long othersBeforeKill;
  long othersSurvived;

  long computedTokens() {
    return promptTokens - restoredTokens;
  }

  /** Part of the prompt tokens that was restored, 0 to 1. */
  double prefixHitRatio() {
    return promptTokens == 0 ? 0 : (double) restoredTokens / promptTokens;
  }

  boolean keptItsPromises() {
    return wrongBytes == 0 && sharedSurvived == sharedBeforeKill;
  }

  void add(TenantStats other) {
    lookups.nanos.add(other.lookups.nanos);
    reads.nanos.add(other.reads.nanos);
    writes.nanos.add(other.writes.nanos);
    turns += other.turns;
    promptTokens += other.promptTokens;
    restoredTokens += other.restoredTokens;
    bytesRestored += other.bytesRestored;
    bytesWritten += other.bytesWritten;
    bytesChecked += other.bytesChecked;
    wrongBytes += other.wrongBytes;
    sharedAsked += other.sharedAsked;
    sharedBeforeKill += other.sharedBeforeKill;
    sharedSurvived += other.sharedSurvived;
    othersBeforeKill += other.othersBeforeKill;
    othersSurvived += other.othersSurvived;
  }
}
