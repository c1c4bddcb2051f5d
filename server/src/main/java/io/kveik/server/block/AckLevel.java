package io.kveik.server.block;

/** How much a block survives; each level includes the ones before it. */
public enum AckLevel {
  /** In this server's memory: survives nothing but the client's own death. */
  MEMORY,
  /** On this server's disk, synced: survives kill -9 and power loss of this server. */
  LOCAL,
  /** In the object tier: survives the loss of this server. */
  SHARED
}
