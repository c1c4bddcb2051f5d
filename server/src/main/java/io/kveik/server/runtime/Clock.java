package io.kveik.server.runtime;

/**
 * The two times there are. Durations and expiry inside the process come from {@link #nanoTime()},
 * so that a jump of the wall clock neither expires nor keeps anything; the wall clock only labels
 * what is stored and logged.
 */
public interface Clock {
  /** Monotonic; meaningful only as a difference. */
  long nanoTime();

  /** Epoch milliseconds; may jump. */
  long wallMillis();

  /** The machine's clocks. */
  static Clock system() {
    return SystemClock.INSTANCE;
  }
}
