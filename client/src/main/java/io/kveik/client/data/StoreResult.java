package io.kveik.client.data;

import io.kveik.client.AckLevel;
import io.kveik.client.data.frame.DataFrameDescriptor;
import org.jspecify.annotations.Nullable;

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

  /** A block that can't be stored, found out before it was sent. */
  public static StoreResult invalid(String detail) {
    return new StoreResult(Status.INVALID, AckLevel.UNSPECIFIED, detail);
  }

  /**
   * What a server would end the whole call for.
   *
   * @param maxBlockBytes the server's limit
   * @return null when there is no such thing
   */
  public static @Nullable StoreResult refusal(StoreItem item, long maxBlockBytes) {
    long bytes = item.payload().byteSize();
    if (bytes < 1 || bytes > maxBlockBytes) {
      return invalid("payload: %d bytes, must be 1 to %d".formatted(bytes, maxBlockBytes));
    }
    if (item.metadata().length > DataFrameDescriptor.MAX_METADATA_BYTES) {
      return invalid(
          "metadata: %d bytes, must be 0 to %d"
              .formatted(item.metadata().length, DataFrameDescriptor.MAX_METADATA_BYTES));
    }
    return null;
  }

  public boolean inStore() {
    return status == Status.STORED || status == Status.ALREADY_PRESENT;
  }
}
