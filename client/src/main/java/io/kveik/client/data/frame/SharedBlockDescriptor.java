package io.kveik.client.data.frame;

/**
 * The layout of a block in memory that a server shares with the clients on its host, version 1. All
 * numbers in the machine's byte order, since both sides are on one machine.
 *
 * <pre>
 *    0  generation          u64, atomic; of this content; 0 while there is none
 *    8  reserved            56 bytes
 *   64  payload             as many bytes as the lease states
 *    .  metadata            as many bytes as the lease states
 * </pre>
 *
 * <p>The server never reuses the memory of a block before its leases have ended. A reader that held
 * on for longer all the same finds out by the generation: the server sets it to 0 before it changes
 * a byte, and no content ever has the generation of another. So a reader that finds the generation
 * of its lease <em>after</em> it has read has read that block.
 */
public final class SharedBlockDescriptor {
  public static final int VERSION = 1;
  public static final int GENERATION_OFFSET = 0;
  public static final int PAYLOAD_OFFSET = 64;

  /** The generation of memory that holds no block. */
  public static final long NO_GENERATION = 0;

  private SharedBlockDescriptor() {}
}
