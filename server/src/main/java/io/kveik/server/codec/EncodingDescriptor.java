package io.kveik.server.codec;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Optional;

/**
 * The byte layout of an {@link Encoding}, version 1. Big-endian, 16 bytes.
 *
 * <pre>
 *    0  version u8 (1) | codec u8 ({@link CodecKind#code}) | element width u8 | reserved u8 (0)
 *    4  raw length      u32, 1 to 2^30
 *    8  encoded length  u32
 *   12  CRC32C          u32 over bytes 0..11 and the encoded bytes
 * </pre>
 */
public final class EncodingDescriptor {
  public static final int LENGTH = 16;
  public static final int VERSION = 1;
  static final int CRC_OFFSET = 12;

  private EncodingDescriptor() {}

  /** Returns {@link #LENGTH} bytes, position 0. */
  public static ByteBuffer encode(Encoding encoding) {
    return ByteBuffer.allocate(LENGTH)
        .order(ByteOrder.BIG_ENDIAN)
        .put((byte) VERSION)
        .put((byte) encoding.codec().code())
        .put((byte) encoding.elementWidth())
        .put((byte) 0)
        .putInt(encoding.rawLength())
        .putInt(encoding.encodedLength())
        .putInt(encoding.crc32c())
        .clear();
  }

  /** Whether this version reads what the {@link #LENGTH} bytes from the position on describe. */
  public static boolean isKnown(ByteBuffer buffer) {
    int at = buffer.position();
    return Byte.toUnsignedInt(buffer.get(at)) == VERSION
        && CodecKind.ofCode(Byte.toUnsignedInt(buffer.get(at + 1))).isPresent()
        && buffer.get(at + 3) == 0;
  }

  /**
   * Reads an encoding from the first {@link #LENGTH} bytes after the buffer's position. Its
   * checksum is not checked here, since it covers the encoded bytes too.
   *
   * @return empty when the bytes are too few, of another version or codec, or state impossible
   *     lengths
   */
  public static Optional<Encoding> decode(ByteBuffer buffer) {
    if (buffer.remaining() < LENGTH) {
      return Optional.empty();
    }
    ByteBuffer in = buffer.slice(buffer.position(), LENGTH).order(ByteOrder.BIG_ENDIAN);
    int version = Byte.toUnsignedInt(in.get());
    Optional<CodecKind> codec = CodecKind.ofCode(Byte.toUnsignedInt(in.get()));
    int elementWidth = Byte.toUnsignedInt(in.get());
    int reserved = in.get();
    int rawLength = in.getInt();
    int encodedLength = in.getInt();
    int crc32c = in.getInt();
    if (version != VERSION || reserved != 0) {
      return Optional.empty();
    }
    return codec
        .filter(kind -> Encoding.isLegal(kind, elementWidth, rawLength, encodedLength))
        .map(kind -> new Encoding(kind, elementWidth, rawLength, encodedLength, crc32c));
  }
}
