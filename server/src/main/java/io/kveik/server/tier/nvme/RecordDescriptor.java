package io.kveik.server.tier.nvme;

import io.kveik.server.block.BlockHeader;
import io.kveik.server.block.BlockHeaderDescriptor;
import io.kveik.server.codec.Encoding;
import io.kveik.server.codec.EncodingDescriptor;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Optional;
import java.util.zip.CRC32C;

/**
 * The layout of a record of the log, version 1. Big-endian; begins at a multiple of 4 KiB and is
 * filled up with zeroes to one.
 *
 * <pre>
 *    0  magic "KVNR"       u32 | version u16 | kind u16: 1 block, 2 tombstone
 *    8  segment generation u64   drawn at random for each life of a segment
 *   16  sequence           u64   grows with every record of the log
 *   24  position           u64   of the record in its segment, bytes
 *   32  stored length      u32   of the body
 *   36  reserved           12 bytes, zero
 *   48  encoding           16 bytes, {@link EncodingDescriptor}; all zero: payload as it is
 *   64  block header       160 bytes, {@link BlockHeaderDescriptor}
 *  224  reserved           28 bytes, zero
 *  252  header CRC32C      u32 over bytes 0..251
 *  256  body               payload, encoded or not; attributes
 * </pre>
 *
 * <p>The checksums of payload and attributes are in the block header, that of an encoded payload is
 * in the encoding. A tombstone has a block header with key and namespace alone, and no body. A
 * header is good at one place of one life of one segment: what a segment held in an earlier life,
 * or what a block's payload pretends to be, does not know its generation.
 */
final class RecordDescriptor {
  static final int HEADER_BYTES = 256;
  static final long PAGE_BYTES = 4096;
  static final int VERSION = 1;

  private static final int MAGIC = 0x4B564E52;
  private static final int KIND_BLOCK = 1;
  private static final int KIND_TOMBSTONE = 2;
  private static final int RESERVED = 36;
  private static final int ENCODING = 48;
  private static final int BLOCK_HEADER = ENCODING + EncodingDescriptor.LENGTH;
  private static final int TAIL = BLOCK_HEADER + BlockHeaderDescriptor.LENGTH;
  private static final int CRC = HEADER_BYTES - Integer.BYTES;

  private RecordDescriptor() {}

  /** What a record with a body of that length takes. */
  static long recordBytes(long bodyLength) {
    return roundUp(HEADER_BYTES + bodyLength);
  }

  /** To a whole page. */
  static long roundUp(long bytes) {
    return Math.ceilDiv(bytes, PAGE_BYTES) * PAGE_BYTES;
  }

  /** Returns {@link #HEADER_BYTES} bytes, position 0. */
  static ByteBuffer encode(RecordHeader header) {
    ByteBuffer out = ByteBuffer.allocate(HEADER_BYTES).order(ByteOrder.BIG_ENDIAN);
    int kind =
        switch (header.kind()) {
          case BLOCK -> KIND_BLOCK;
          case TOMBSTONE -> KIND_TOMBSTONE;
        };
    out.putInt(MAGIC).putShort((short) VERSION).putShort((short) kind);
    out.putLong(header.generation()).putLong(header.sequence()).putLong(header.position());
    out.putInt(Math.toIntExact(header.storedLength()));
    if (header.encoding() != null) {
      out.put(ENCODING, EncodingDescriptor.encode(header.encoding()), 0, EncodingDescriptor.LENGTH);
    }
    out.put(BLOCK_HEADER, BlockHeaderDescriptor.encode(header.block()), 0, TAIL - BLOCK_HEADER);
    out.putInt(CRC, crc(out));
    return out.clear();
  }

  /**
   * Reads the header at an index of a buffer.
   *
   * @return empty when the bytes are too few, of another format or version, fail their checksum or
   *     state what can't be
   */
  static Optional<RecordHeader> decode(ByteBuffer buffer, int index) {
    if (buffer.limit() - index < HEADER_BYTES || buffer.getInt(index) != MAGIC) {
      return Optional.empty();
    }
    ByteBuffer in = buffer.slice(index, HEADER_BYTES).order(ByteOrder.BIG_ENDIAN);
    if (in.getShort(4) != VERSION
        || in.getInt(CRC) != crc(in)
        || !allZero(in, RESERVED, ENCODING)) {
      return Optional.empty();
    }
    Optional<BlockHeader> block =
        BlockHeaderDescriptor.decode(in.slice(BLOCK_HEADER, BlockHeaderDescriptor.LENGTH));
    Optional<Encoding> encoding =
        EncodingDescriptor.decode(in.slice(ENCODING, EncodingDescriptor.LENGTH));
    // A body in an encoding that this version can't read is no body.
    if (block.isEmpty() || (encoding.isEmpty() && !allZero(in, ENCODING, BLOCK_HEADER))) {
      return Optional.empty();
    }
    int kind = in.getShort(6);
    RecordHeader header =
        new RecordHeader(
            kind == KIND_BLOCK ? RecordHeader.Kind.BLOCK : RecordHeader.Kind.TOMBSTONE,
            in.getLong(8),
            in.getLong(16),
            in.getLong(24),
            encoding.orElse(null),
            block.get());
    boolean legal = kind == KIND_BLOCK || (kind == KIND_TOMBSTONE && header.storedLength() == 0);
    return legal && lengthsAgree(header, in.getInt(32)) ? Optional.of(header) : Optional.empty();
  }

  private static boolean lengthsAgree(RecordHeader header, int storedLength) {
    Encoding encoding = header.encoding();
    return storedLength == header.storedLength()
        && (encoding == null || encoding.rawLength() == header.block().payloadLength());
  }

  private static boolean allZero(ByteBuffer in, int from, int to) {
    for (int i = from; i < to; i++) {
      if (in.get(i) != 0) {
        return false;
      }
    }
    return true;
  }

  private static int crc(ByteBuffer header) {
    CRC32C crc = new CRC32C();
    crc.update(header.duplicate().clear().limit(CRC));
    return (int) crc.getValue();
  }
}
