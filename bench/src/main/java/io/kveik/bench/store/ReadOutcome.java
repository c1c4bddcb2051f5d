package io.kveik.bench.store;

/** What came of a read. */
public enum ReadOutcome {
  /** The payload, of the right length, is in the memory that was given. */
  FOUND,
  /** The store does not have the block. */
  MISSING,
  /** Something that is not the block: another length, or another label. */
  WRONG,
  /** The store was busy, or too late. */
  REFUSED
}
