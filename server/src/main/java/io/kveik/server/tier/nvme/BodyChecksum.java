package io.kveik.server.tier.nvme;

import io.kveik.server.block.BlockHeader;
import io.kveik.server.memory.Crc32c;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/** Checks a body, payload then attributes, that comes in pieces. One thread. */
final class BodyChecksum {
  private final BlockHeader header;
  private final Crc32c payload = new Crc32c();
  private final Crc32c attributes = new Crc32c();
  private long seen;

  BodyChecksum(BlockHeader header) {
    this.header = header;
  }

  /** Goes on with the next bytes of the body. */
  void update(MemorySegment piece) {
    long ofPayload = Math.clamp(header.payloadLength() - seen, 0, piece.byteSize());
    payload.update(piece, 0, ofPayload);
    attributes.update(piece, ofPayload, piece.byteSize() - ofPayload);
    seen += piece.byteSize();
  }

  /** What is wrong with all that was seen; null when nothing is. */
  @Nullable String mismatch() {
    if (seen != header.bodyLength()) {
      return "body of " + seen + " bytes, header states " + header.bodyLength();
    }
    if (payload.value() != header.payloadCrc32c()) {
      return "payload fails its checksum";
    }
    if (attributes.value() != header.attributesCrc32c()) {
      return "attributes fail their checksum";
    }
    return null;
  }
}
