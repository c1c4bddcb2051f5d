package io.kveik.server.tier;

/** What became of a put. */
public sealed interface PutOutcome {
  /** This call stored the block. */
  record Stored() implements PutOutcome {}

  /** The key was there already; nothing changed. */
  record AlreadyPresent() implements PutOutcome {}

  /** No room, and the tier makes none by itself. */
  record Full(String limit) implements PutOutcome {}

  /** The tier could not; the block is not in it. */
  record Failed(String reason) implements PutOutcome {}
}
