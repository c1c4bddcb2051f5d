package io.kveik.server.tier.fs;

import io.kveik.server.block.BlockHeader;
import io.kveik.server.block.BlockHeaderDescriptor;
import io.kveik.server.block.BlockKey;
import io.kveik.server.codec.Encoding;
import io.kveik.server.codec.EncodingDescriptor;
import io.kveik.server.tier.BlockChecks;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Optional;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * The layouts of a block's file: that of a payload as it is, and version 1 of that of an encoded
 * one. Big-endian.
 *
 * <pre>
 *  as it is
 *  0          160                   160 + payload length      160 + payload length
 *  |           |                     |                         + attributes length = end of file
 *  +-----------+---------------------+-------------------------+
 *  | header    | payload             | attributes              |
 *  +-----------+---------------------+-------------------------+
 *   {@link BlockHeaderDescriptor}: magic and version of the file, key, lengths, CRC32C of each part
 *
 *  encoded
 *    0  magic "KVFE"   u32 | version u32
 *    8  header         160 bytes, {@link BlockHeaderDescriptor}
 *  168  encoding        16 bytes, {@link EncodingDescriptor}: lengths and CRC32C of what is encoded
 *  184  head CRC32C    u32 over bytes 0..183
 *  188  payload, encoded
 *       attributes
 * </pre>
 *
 * <p>Payload and attributes together are at most {@link BlockChecks#MAX_BODY_BYTES}. A file is
 * sound when it is exactly as long as its head states, the head is of a known version, passes its
 * checksum and bears the key that the file is named by, and both parts pass theirs, the payload
 * encoded and decoded. So a torn, truncated, extended, flipped or swapped file is told from a sound
 * one, up to the odds of a CRC32C collision.
 *
 * <p>Every later version of the second layout keeps bytes 0..7 and the checksum of its first 184
 * bytes, so that a file of one is told from a damaged one: foreign, not to be read, not to be
 * harmed. So is one of a codec that this version does not know.
 */
final class FsBlockDescriptor {
  static final int PLAIN_HEAD_LENGTH = BlockHeaderDescriptor.LENGTH;
  static final int VERSION = 1;

  private static final int MAGIC = 0x4B564645;
  private static final int HEADER = 2 * Integer.BYTES;
  private static final int ENCODING = HEADER + BlockHeaderDescriptor.LENGTH;
  private static final int CRC = ENCODING + EncodingDescriptor.LENGTH;
  static final int ENCODED_HEAD_LENGTH = CRC + Integer.BYTES;

  /** What file systems allocate by; for the tier's account of its disk. */
  private static final long DISK_BLOCK_BYTES = 4096;

  private FsBlockDescriptor() {}

  /** What the head of a file turned out to be. */
  sealed interface HeadCheck {
    record Sound(FileHead head) implements HeadCheck {}

    /** Written by a later version, in a way that this one can't read. */
    record Foreign() implements HeadCheck {}

    record Unsound(String reason) implements HeadCheck {}
  }

  /** What a file of that length takes on disk. */
  static long diskBytes(long fileLength) {
    return Math.ceilDiv(fileLength, DISK_BLOCK_BYTES) * DISK_BLOCK_BYTES;
  }

  /** Returns {@link FileHead#length} bytes, position 0. */
  static ByteBuffer encode(FileHead head) {
    ByteBuffer header = BlockHeaderDescriptor.encode(head.header());
    if (head.encoding() == null) {
      return header;
    }
    ByteBuffer out = ByteBuffer.allocate(ENCODED_HEAD_LENGTH).order(ByteOrder.BIG_ENDIAN);
    out.putInt(MAGIC).putInt(VERSION).put(header).put(EncodingDescriptor.encode(head.encoding()));
    out.putInt(crc(out));
    return out.clear();
  }

  /**
   * How long the head is that a file begins with.
   *
   * @param beginning at least {@link #PLAIN_HEAD_LENGTH} bytes from index 0
   */
  static int headLength(ByteBuffer beginning) {
    return beginning.getInt(0) == MAGIC ? ENCODED_HEAD_LENGTH : PLAIN_HEAD_LENGTH;
  }

  /**
   * Checks all that can be checked without the body.
   *
   * @param bytes as many from index 0 as {@link #headLength} says
   * @param key that the file is named by
   * @param fileLength of the whole file
   */
  static HeadCheck check(ByteBuffer bytes, BlockKey key, long fileLength) {
    return headLength(bytes) == PLAIN_HEAD_LENGTH
        ? checkHeader(bytes.slice(0, PLAIN_HEAD_LENGTH), null, key, fileLength)
        : checkEncoded(bytes, key, fileLength);
  }

  private static HeadCheck checkEncoded(ByteBuffer bytes, BlockKey key, long fileLength) {
    if (bytes.getInt(CRC) != crc(bytes)) {
      return new HeadCheck.Unsound("head fails its checksum");
    }
    ByteBuffer encoding = bytes.slice(ENCODING, EncodingDescriptor.LENGTH);
    if (bytes.getInt(Integer.BYTES) != VERSION || !EncodingDescriptor.isKnown(encoding)) {
      return new HeadCheck.Foreign();
    }
    Optional<Encoding> decoded = EncodingDescriptor.decode(encoding);
    return decoded.isEmpty()
        ? new HeadCheck.Unsound("encoding fails its check")
        : checkHeader(
            bytes.slice(HEADER, BlockHeaderDescriptor.LENGTH), decoded.get(), key, fileLength);
  }

  private static HeadCheck checkHeader(
      ByteBuffer bytes, @Nullable Encoding encoding, BlockKey key, long fileLength) {
    Optional<BlockHeader> decoded = BlockHeaderDescriptor.decode(bytes);
    if (decoded.isEmpty()) {
      return new HeadCheck.Unsound("header fails its check");
    }
    BlockHeader header = decoded.get();
    if (!header.key().equals(key)) {
      return new HeadCheck.Unsound("holds another block");
    }
    if (encoding != null && encoding.rawLength() != header.payloadLength()) {
      return new HeadCheck.Unsound(
          "encodes %d bytes, header states %d"
              .formatted(encoding.rawLength(), header.payloadLength()));
    }
    FileHead head = new FileHead(header, encoding);
    return header.bodyLength() > BlockChecks.MAX_BODY_BYTES || fileLength != head.fileLength()
        ? new HeadCheck.Unsound(fileLength + " bytes long, head states " + head.fileLength())
        : new HeadCheck.Sound(head);
  }

  private static int crc(ByteBuffer head) {
    CRC32C crc = new CRC32C();
    crc.update(head.duplicate().clear().limit(CRC));
    return (int) crc.getValue();
  }
}
