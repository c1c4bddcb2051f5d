package io.kveik.server.tier;

import io.kveik.server.block.BlockHeader;
import io.kveik.server.block.BlockHeaderDescriptor;
import io.kveik.server.memory.Crc32c;
import java.lang.foreign.MemorySegment;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The checks that every durable tier makes of a block on its way in and out. Any thread. */
public final class BlockChecks {
  /** Guards allocation against what a header states, and tiers against what a caller brings. */
  public static final long MAX_BODY_BYTES = 1L << 30;

  private BlockChecks() {}

  /** Why this block must not be stored; null when it may. O(length). */
  public static @Nullable String refusal(StoredBlock block) {
    BlockHeader header = block.header();
    if (header.bodyLength() > MAX_BODY_BYTES) {
      return "body of " + header.bodyLength() + " bytes exceeds max_body_bytes=" + MAX_BODY_BYTES;
    }
    Optional<BlockHeader> decoded =
        BlockHeaderDescriptor.decode(BlockHeaderDescriptor.encode(header));
    if (!decoded.equals(Optional.of(header))) {
      return "header has a field outside its limits";
    }
    return mismatch(header, block.body());
  }

  /**
   * Which part of a body fails the header's checksum of it; null when none does. O(length).
   *
   * @param body payload and attributes, as long as the header states
   */
  public static @Nullable String mismatch(BlockHeader header, MemorySegment body) {
    if (Crc32c.of(body, 0, header.payloadLength()) != header.payloadCrc32c()) {
      return "payload fails its checksum";
    }
    if (Crc32c.of(body, header.payloadLength(), header.attributesLength())
        != header.attributesCrc32c()) {
      return "attributes fail their checksum";
    }
    return null;
  }
}
