package io.kveik.server.codec;

import io.kveik.server.memory.Crc32c;
import java.lang.foreign.MemorySegment;

/**
 * How a payload is stored: what a tier keeps beside the encoded bytes, as {@link
 * EncodingDescriptor} lays it out.
 *
 * @param codec that made them
 * @param elementWidth byte planes that the payload was split into: 1, 2 or 4
 * @param rawLength bytes of the payload, 1 to {@link #MAX_RAW_BYTES}
 * @param encodedLength bytes of the encoded form: fewer than the payload's, or as many without a
 *     codec
 * @param crc32c of the other fields and the encoded bytes; see {@link #describes}
 */
public record Encoding(
    CodecKind codec, int elementWidth, int rawLength, int encodedLength, int crc32c) {
  /** Far above any block that the server takes in. */
  public static final int MAX_RAW_BYTES = 1 << 30;

  public Encoding {
    if (!isLegal(codec, elementWidth, rawLength, encodedLength)) {
      throw new IllegalArgumentException(
          "encoding: %s, elementWidth=%d, rawLength=%d, encodedLength=%d is none"
              .formatted(codec, elementWidth, rawLength, encodedLength));
    }
  }

  static boolean isLegal(CodecKind codec, int elementWidth, int rawLength, int encodedLength) {
    boolean lengths = rawLength >= 1 && rawLength <= MAX_RAW_BYTES && encodedLength >= 1;
    return lengths
        && switch (codec) {
          case NONE -> elementWidth == 1 && encodedLength == rawLength;
          case LZ4 -> elementWidth == 1 && encodedLength < rawLength;
          case ZSTD -> BytePlanes.isWidth(elementWidth) && encodedLength < rawLength;
        };
  }

  /** Of a payload that is stored as it is. */
  public static Encoding plain(MemorySegment payload) {
    return of(CodecKind.NONE, 1, Math.toIntExact(payload.byteSize()), payload);
  }

  /**
   * Of bytes that an encoder made.
   *
   * @param encoded all of them, and nothing else
   */
  static Encoding of(CodecKind codec, int elementWidth, int rawLength, MemorySegment encoded) {
    int encodedLength = Math.toIntExact(encoded.byteSize());
    Encoding unsealed = new Encoding(codec, elementWidth, rawLength, encodedLength, 0);
    return new Encoding(codec, elementWidth, rawLength, encodedLength, unsealed.checksum(encoded));
  }

  /**
   * True when those are the bytes, and all of these fields are as they were made: finds damage
   * without decoding. O(encoded length).
   *
   * @param encoded at least {@code encodedLength} bytes, of which the first are meant
   */
  public boolean describes(MemorySegment encoded) {
    return encoded.byteSize() >= encodedLength && checksum(encoded) == crc32c;
  }

  /**
   * For whoever has the encoded bytes in pieces: once updated with all of them, its value is {@link
   * #crc32c} exactly when {@link #describes} would be true.
   */
  public Crc32c begunChecksum() {
    MemorySegment fields = MemorySegment.ofBuffer(EncodingDescriptor.encode(this));
    return new Crc32c().update(fields, 0, EncodingDescriptor.CRC_OFFSET);
  }

  private int checksum(MemorySegment encoded) {
    return begunChecksum().update(encoded, 0, encodedLength).value();
  }
}
