package io.kveik.server.tier;

/** What a get found. */
public sealed interface GetOutcome {
  /** The block; the receiver closes it. */
  record Hit(StoredBlock block) implements GetOutcome {}

  record Absent() implements GetOutcome {}

  /** It was there but failed a check; the tier has put it out of reach (quarantine). */
  record Corrupt(String reason) implements GetOutcome {}

  /** There was no buffer to read it into; it is still there. */
  record NoBuffer() implements GetOutcome {}

  /** The tier could not; whether the block is there is unknown. */
  record Failed(String reason) implements GetOutcome {}
}
