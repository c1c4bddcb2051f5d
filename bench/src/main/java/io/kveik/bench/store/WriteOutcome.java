package io.kveik.bench.store;

/** What came of a write. */
public sealed interface WriteOutcome {
  /** It is there, and nothing else is to be said. */
  WriteOutcome STORED = new Stored(false, false);

  /** The store was busy, full or too late. */
  WriteOutcome REFUSED = new Refused();

  /**
   * It is there.
   *
   * @param alreadyPresent whether it was before
   * @param belowAck whether less safe than was asked for
   */
  record Stored(boolean alreadyPresent, boolean belowAck) implements WriteOutcome {}

  /** See {@link #REFUSED}. */
  record Refused() implements WriteOutcome {}
}
