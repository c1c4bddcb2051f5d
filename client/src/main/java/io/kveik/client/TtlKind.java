package io.kveik.client;

/** What a block's time to live counts from. */
public enum TtlKind {
  /** The moment it was set. */
  ABSOLUTE,
  /** The latest lookup or match that found the block; from when it was set until there is one. */
  LAST_USE,
  /** The first lookup or match that finds the block; until there is one it lives on. */
  FIRST_USE
}
