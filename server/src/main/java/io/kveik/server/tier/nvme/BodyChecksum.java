package io.kveik.server.tier.nvme;

import io.kveik.server.codec.Encoding;
import io.kveik.server.memory.Crc32c;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/**
 * Checks a body as it is stored, payload then attributes, that comes in pieces: an encoded payload
 * by the checksum of its encoding, without decoding it. One thread.
 */
final class BodyChecksum {
  private final RecordHeader record;
  private final int payloadLength;
  private final int payloadCrc32c;
  private final Crc32c payload;
  private final Crc32c attributes = new Crc32c();
  private long seen;

  BodyChecksum(RecordHeader record) {
    Encoding encoding = record.encoding();
    this.record = record;
    this.payloadLength = record.storedPayloadLength();
    this.payloadCrc32c = encoding == null ? record.block().payloadCrc32c() : encoding.crc32c();
    this.payload = encoding == null ? new Crc32c() : encoding.begunChecksum();
  }

  /** Goes on with the next bytes of the body. */
  void update(MemorySegment piece) {
    long ofPayload = Math.clamp(payloadLength - seen, 0, piece.byteSize());
    payload.update(piece, 0, ofPayload);
    attributes.update(piece, ofPayload, piece.byteSize() - ofPayload);
    seen += piece.byteSize();
  }

  /** What is wrong with all that was seen; null when nothing is. */
  @Nullable String mismatch() {
    if (seen != record.storedLength()) {
      return "body of " + seen + " bytes, header states " + record.storedLength();
    }
    if (payload.value() != payloadCrc32c) {
      return "payload fails its checksum";
    }
    if (attributes.value() != record.block().attributesCrc32c()) {
      return "attributes fail their checksum";
    }
    return null;
  }
}
