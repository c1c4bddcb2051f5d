package io.kveik.server.cache;

import io.kveik.server.block.AckLevel;
import io.kveik.server.block.BlockKey;
import io.kveik.server.block.BlockRef;
import io.kveik.server.block.ElementType;
import io.kveik.server.block.Fingerprint;
import io.kveik.server.block.TtlKind;
import io.kveik.server.memory.Crc32c;
import java.lang.foreign.MemorySegment;
import java.util.OptionalInt;

/**
 * A block to store, bounds already checked.
 *
 * @param namespace where it belongs
 * @param key its identity
 * @param label the writer's label for it
 * @param parentLabel the label of the block before it; 0 for the first
 * @param tokenCount tokens the payload holds the KV of
 * @param elementType what the payload's numbers are, as the namespace declares it
 * @param attributes protocol attributes, stored behind the payload and given back as they are
 * @param payload the KV bytes
 * @param claimedCrc32c the writer's checksum of the payload, where it gave one
 * @param ttlMillis 0 for none
 * @param priority 0 to {@link io.kveik.server.block.BlockHeader#MAX_PRIORITY}
 * @param ack what to wait for before the outcome
 * @param ttlKind what the time to live counts from
 */
public record WriteCommand(
    Fingerprint namespace,
    BlockKey key,
    long label,
    long parentLabel,
    int tokenCount,
    ElementType elementType,
    byte[] attributes,
    Payload payload,
    OptionalInt claimedCrc32c,
    long ttlMillis,
    int priority,
    AckLevel ack,
    TtlKind ttlKind) {

  /** A block whose time to live, if it has one, counts from now. */
  public WriteCommand(
      Fingerprint namespace,
      BlockKey key,
      long label,
      long parentLabel,
      int tokenCount,
      ElementType elementType,
      byte[] attributes,
      Payload payload,
      OptionalInt claimedCrc32c,
      long ttlMillis,
      int priority,
      AckLevel ack) {
    this(
        namespace,
        key,
        label,
        parentLabel,
        tokenCount,
        elementType,
        attributes,
        payload,
        claimedCrc32c,
        ttlMillis,
        priority,
        ack,
        TtlKind.ABSOLUTE);
  }

  /** What names the block to a tier. */
  BlockRef ref() {
    return new BlockRef(namespace, key);
  }

  /** Payload and attributes, bytes. */
  long bodyLength() {
    return (long) payload.length() + attributes.length;
  }

  /** Bytes that are copied once, straight into the memory they will be served from. */
  public interface Payload {
    /** Bytes, at least 1. */
    int length();

    /**
     * @param target exactly {@link #length()} bytes
     */
    void copyTo(MemorySegment target);

    /**
     * The same, in one pass where the source knows how.
     *
     * @return CRC32C of the copy
     */
    default int copyAndChecksum(MemorySegment target) {
      copyTo(target);
      return Crc32c.of(target);
    }
  }
}
