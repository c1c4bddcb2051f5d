package io.kveik.server.block;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Optional;
import java.util.zip.CRC32C;

/**
 * The byte layout of a {@link BlockHeader}, version 1. Big-endian, 160 bytes. Blocks written before
 * there was an element type or a TTL kind have 0 there, which is undeclared and absolute. Who does
 * not know the TTL kind reads a TTL as absolute: the block ends sooner for them.
 *
 * <pre>
 *    0  magic "KVKB"          u32 | version u16 | flags u16 (0)
 *    8  block key             32 bytes
 *   40  namespace fingerprint 32 bytes
 *   72  label                 u64
 *   80  parent label          u64
 *   88  written at            i64 epoch ms
 *   96  expires at            i64 epoch ms, 0 = never
 *  104  token count           u32 | priority u32
 *  112  attributes length     u32 | payload length u32
 *  120  attributes CRC32C     u32 | payload CRC32C u32
 *  128  depth                 u32
 *  132  element type          u8 ({@link ElementType#code}) | TTL kind u8 ({@link TtlKind#code})
 *  134  reserved              22 bytes, zero
 *  156  header CRC32C         u32 over bytes 0..155
 * </pre>
 */
public final class BlockHeaderDescriptor {
  public static final int LENGTH = 160;
  public static final int VERSION = 1;
  static final int MAGIC = 0x4B564B42;
  private static final int CRC_OFFSET = 156;

  private BlockHeaderDescriptor() {}

  /** Returns {@link #LENGTH} bytes, position 0. */
  public static ByteBuffer encode(BlockHeader header) {
    ByteBuffer out = ByteBuffer.allocate(LENGTH).order(ByteOrder.BIG_ENDIAN);
    out.putInt(MAGIC).putShort((short) VERSION).putShort((short) 0);
    header.key().writeTo(out);
    header.namespace().writeTo(out);
    out.putLong(header.label()).putLong(header.parentLabel());
    out.putLong(header.writtenAtMillis()).putLong(header.expiresAtMillis());
    out.putInt(header.tokenCount()).putInt(header.priority());
    out.putInt(header.attributesLength()).putInt(header.payloadLength());
    out.putInt(header.attributesCrc32c()).putInt(header.payloadCrc32c());
    out.putInt(header.depth());
    out.put((byte) header.elementType().code()).put((byte) header.ttlKind().code());
    out.putInt(CRC_OFFSET, crc(out));
    return out.clear();
  }

  /**
   * Reads a header from the first {@link #LENGTH} bytes after the buffer's position.
   *
   * @return empty when the bytes are too few, of another format or version, fail their checksum or
   *     state impossible lengths
   */
  public static Optional<BlockHeader> decode(ByteBuffer buffer) {
    if (buffer.remaining() < LENGTH) {
      return Optional.empty();
    }
    ByteBuffer in = buffer.slice(buffer.position(), LENGTH).order(ByteOrder.BIG_ENDIAN);
    if (in.getInt() != MAGIC
        || in.getShort() != VERSION
        || in.getShort() != 0
        || in.getInt(CRC_OFFSET) != crc(in)) {
      return Optional.empty();
    }
    BlockKey key = BlockKey.of(in);
    Fingerprint namespace = Fingerprint.of(in);
    long label = in.getLong();
    long parentLabel = in.getLong();
    long writtenAtMillis = in.getLong();
    long expiresAtMillis = in.getLong();
    int tokenCount = in.getInt();
    int priority = in.getInt();
    int attributesLength = in.getInt();
    int payloadLength = in.getInt();
    int attributesCrc = in.getInt();
    int payloadCrc = in.getInt();
    int depth = in.getInt();
    ElementType elementType = ElementType.ofCode(Byte.toUnsignedInt(in.get()));
    TtlKind ttlKind = TtlKind.ofCode(Byte.toUnsignedInt(in.get()));
    if (tokenCount < 0
        || depth < 0
        || attributesLength < 0
        || payloadLength < 0
        || priority < 0
        || priority > BlockHeader.MAX_PRIORITY) {
      return Optional.empty();
    }
    return Optional.of(
        new BlockHeader(
            key,
            namespace,
            label,
            parentLabel,
            depth,
            tokenCount,
            attributesLength,
            payloadLength,
            attributesCrc,
            payloadCrc,
            writtenAtMillis,
            expiresAtMillis,
            priority,
            elementType,
            ttlKind));
  }

  private static int crc(ByteBuffer header) {
    CRC32C crc = new CRC32C();
    crc.update(header.duplicate().clear().limit(CRC_OFFSET));
    return (int) crc.getValue();
  }
}
