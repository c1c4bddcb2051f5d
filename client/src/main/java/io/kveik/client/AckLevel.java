package io.kveik.client;

/** How far a written block has come when the store answers; it survives what its level names. */
public enum AckLevel {
  /** In a write: whatever the server's default is. In an answer: the server did not say. */
  UNSPECIFIED,
  /** In the memory of the server that answered. */
  MEMORY,
  /** On the disk of the server that answered, synced. */
  LOCAL,
  /** In the object tier, or on several servers. */
  SHARED
}
