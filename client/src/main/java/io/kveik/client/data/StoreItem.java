package io.kveik.client.data;

import io.kveik.client.AckLevel;
import io.kveik.client.TtlKind;
import io.kveik.client.inplace.Checksums;
import java.lang.foreign.MemorySegment;
import java.util.OptionalInt;

/**
 * A block to store. Out of bounds values are for the server to refuse, but for the ids.
 *
 * @param id the engine's id of the block, 16 to 64 bytes; not changed until the call is over
 * @param parentId the block before it; empty for the first of a chain
 * @param tokenCount tokens whose KV the payload holds
 * @param metadata comes back with the block; at most 4,096 bytes
 * @param ttlMillis 0: the block stays until it is evicted
 * @param priority 0 to 3: how often eviction passes over the block
 * @param ack what to wait for
 * @param payload 1 byte to the server's limit; not changed until the call is over
 * @param payloadCrc32c of the payload, where the caller knows it; else it is taken here
 * @param ttlKind what the time to live counts from
 */
public record StoreItem(
    byte[] id,
    byte[] parentId,
    int tokenCount,
    byte[] metadata,
    long ttlMillis,
    int priority,
    AckLevel ack,
    MemorySegment payload,
    OptionalInt payloadCrc32c,
    TtlKind ttlKind) {
  private static final int MAX_PRIORITY_ON_THE_WIRE = 15;
  private static final byte[] NONE = {};

  public StoreItem {
    Ids.check("id", id);
    if (parentId.length > 0) {
      Ids.check("parentId", parentId);
    }
    if (priority < 0 || priority > MAX_PRIORITY_ON_THE_WIRE) {
      throw new IllegalArgumentException("priority: " + priority + ", must be 0 to 3");
    }
  }

  /** A block whose time to live, if it has one, counts from now. */
  public StoreItem(
      byte[] id,
      byte[] parentId,
      int tokenCount,
      byte[] metadata,
      long ttlMillis,
      int priority,
      AckLevel ack,
      MemorySegment payload,
      OptionalInt payloadCrc32c) {
    this(
        id,
        parentId,
        tokenCount,
        metadata,
        ttlMillis,
        priority,
        ack,
        payload,
        payloadCrc32c,
        TtlKind.ABSOLUTE);
  }

  /** A block without metadata, acknowledged at the server's default level. */
  public static StoreItem of(byte[] id, byte[] parentId, int tokenCount, MemorySegment payload) {
    return new StoreItem(
        id, parentId, tokenCount, NONE, 0, 0, AckLevel.UNSPECIFIED, payload, OptionalInt.empty());
  }

  /**
   * The same block with another time to live.
   *
   * @param millis 0: it stays until it is evicted
   */
  public StoreItem withTtl(TtlKind kind, long millis) {
    return new StoreItem(
        id, parentId, tokenCount, metadata, millis, priority, ack, payload, payloadCrc32c, kind);
  }

  /** CRC32C of the payload: as the caller gave it, or else as it is now. */
  public int crc32c() {
    return payloadCrc32c.isPresent() ? payloadCrc32c.getAsInt() : Checksums.crc32c(payload);
  }
}
