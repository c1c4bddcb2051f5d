package io.kveik.client.codec;

import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.zip.CRC32;
import java.util.zip.DataFormatException;
import java.util.zip.Deflater;
import java.util.zip.Inflater;

/**
 * One gzip member (RFC 1952) between segments, without a copy on the heap. Stateless; O(length).
 *
 * <pre>
 *   0    1F 8B 08 | flags u8 (0) | time u32 (0) | extra u8 (0) | system u8 (FF)
 *   10   deflate
 *   -8   CRC32 u32 | length u32 of the raw bytes, little-endian
 * </pre>
 */
final class Gzip {
  /** As spec/4 has it: higher ones cost more time than they save. */
  private static final int LEVEL = 3;

  private static final int HEAD_BYTES = 10;
  private static final int TRAILER_BYTES = 8;
  private static final byte[] HEAD = {
    0x1F, (byte) 0x8B, Deflater.DEFLATED, 0, 0, 0, 0, 0, 0, (byte) 0xFF
  };

  private Gzip() {}

  /** The most that {@link #compress} makes of that many bytes; zlib's own bound. */
  static long maxCompressedBytes(long rawBytes) {
    return rawBytes
        + (rawBytes >>> 12)
        + (rawBytes >>> 14)
        + (rawBytes >>> 25)
        + 13
        + HEAD_BYTES
        + TRAILER_BYTES;
  }

  /**
   * Compresses to the start of {@code to}.
   *
   * @param to {@link #maxCompressedBytes}
   * @return bytes written
   */
  static long compress(MemorySegment from, MemorySegment to) {
    ByteBuffer raw = from.asByteBuffer();
    ByteBuffer out = to.asByteBuffer().order(ByteOrder.LITTLE_ENDIAN).put(HEAD);
    Deflater deflater = new Deflater(LEVEL, true);
    try {
      deflater.setInput(raw);
      deflater.finish();
      while (!deflater.finished()) {
        if (deflater.deflate(out) == 0) {
          throw new IllegalStateException("gzip: zlib's bound does not hold");
        }
      }
    } finally {
      deflater.end();
    }
    return out.putInt(crc32(from)).putInt((int) from.byteSize()).position();
  }

  /** The raw length that a member states; -1 when it can't be one. It may be anything else. */
  static long statedBytes(MemorySegment member) {
    if (member.byteSize() < HEAD_BYTES + TRAILER_BYTES
        || member.asSlice(0, HEAD_BYTES).mismatch(MemorySegment.ofArray(HEAD)) != -1) {
      return -1;
    }
    return Integer.toUnsignedLong(trailer(member).getInt(Integer.BYTES));
  }

  /**
   * Decompresses bytes that may be anything.
   *
   * @param member for which {@link #statedBytes} is not -1
   * @return true when the target was filled exactly and its checksum is right
   */
  static boolean decompress(MemorySegment member, MemorySegment to) {
    Inflater inflater = new Inflater(true);
    try {
      inflater.setInput(
          member
              .asSlice(HEAD_BYTES, member.byteSize() - HEAD_BYTES - TRAILER_BYTES)
              .asByteBuffer());
      ByteBuffer out = to.asByteBuffer();
      while (out.hasRemaining()) {
        if (inflater.inflate(out) == 0) {
          return false;
        }
      }
      boolean ended = inflater.inflate(ByteBuffer.allocate(1)) == 0 && inflater.finished();
      return ended && inflater.getRemaining() == 0 && trailer(member).getInt() == crc32(to);
    } catch (DataFormatException e) {
      return false;
    } finally {
      inflater.end();
    }
  }

  private static ByteBuffer trailer(MemorySegment member) {
    return member
        .asSlice(member.byteSize() - TRAILER_BYTES)
        .asByteBuffer()
        .order(ByteOrder.LITTLE_ENDIAN);
  }

  private static int crc32(MemorySegment bytes) {
    CRC32 crc = new CRC32();
    crc.update(bytes.asByteBuffer());
    return (int) crc.getValue();
  }
}
