package io.kveik.bench.store;

/** What came of a lookup. */
public sealed interface LookupOutcome {
  /** The store found blocks that are not the chain's. */
  LookupOutcome WRONG = new Wrong();

  /** The store was busy, or too late. */
  LookupOutcome REFUSED = new Refused();

  /**
   * So many blocks of the chain are there, from its first on.
   *
   * @param blocks at most the chain's length
   */
  record Found(int blocks) implements LookupOutcome {}

  /** See {@link #WRONG}. */
  record Wrong() implements LookupOutcome {}

  /** See {@link #REFUSED}. */
  record Refused() implements LookupOutcome {}
}
