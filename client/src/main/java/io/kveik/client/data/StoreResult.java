package io.kveik.client.data;

import io.kveik.client.AckLevel;

/**
 * What became of a {@link StoreItem}.
 *
 * @param ack what the block survives now; unspecified when it is not stored
 * @param detail for a person: the limit that was hit, the field that was wrong; else empty
 */
public record StoreResult(Status status, AckLevel ack, String detail) {
  /** Whether the block is in the store, and if not, why. */
  public enum Status {
    STORED,
    /** It was there before; nothing changed. */
    ALREADY_PRESENT,
    /** A limit was hit; trying again later may work. */
    BUSY,
    /** The bytes that arrived do not match the checksum. */
    CHECKSUM_MISMATCH,
    /** Not a block that can be stored. */
    INVALID
  }

  public boolean inStore() {
    return status == Status.STORED || status == Status.ALREADY_PRESENT;
  }
}
