package io.kveik.server.tier.object.presence;

import io.kveik.server.memory.Crc32c;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/**
 * The byte layout of a segment of a presence digest, version 1. Big-endian.
 *
 * <pre>
 *    0  magic "KVKP"     u32 | version u16 | kind u16 (1 delta, 2 base)
 *    8  writer           u64
 *   16  first generation u64
 *   24  last generation  u64
 *   32  size             u32   fingerprints, at most 2^28
 *   36  bits             u32   leading bits of the key in each, 1 to 48
 *   40  body CRC32C      u32   over the bytes from 48 on
 *   44  header CRC32C    u32   over bytes 0..43
 *   48  low bits         u64 × (ceil(size × l / 64) + 1)
 *       high bits        u64 × ceil((size + 2^(bits - l)) / 64)
 *                        with l = max(0, bits - ceil(log2(size)))
 * </pre>
 *
 * The words are those of {@link FingerprintSet}; size and bits determine how many there are.
 */
final class PresenceDigestDescriptor {
  static final int VERSION = 1;
  static final int HEADER_LENGTH = 48;
  private static final int MAGIC = 0x4B564B50;
  private static final int BODY_CRC_OFFSET = 40;
  private static final int HEADER_CRC_OFFSET = 44;

  private static final ValueLayout.OfShort SHORT =
      ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);
  private static final ValueLayout.OfInt INT =
      ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);
  private static final ValueLayout.OfLong LONG =
      ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);

  private PresenceDigestDescriptor() {}

  /** What bytes turned out to be. */
  sealed interface Decoded {
    record Sound(FingerprintSet set) implements Decoded {}

    record Unsound(String reason) implements Decoded {}
  }

  /** Bytes that the set takes in a blob. */
  static long length(FingerprintSet set) {
    return length(set.bits(), set.size());
  }

  private static long length(int bits, int size) {
    return HEADER_LENGTH
        + (long) Long.BYTES
            * (FingerprintSet.lowWords(bits, size) + FingerprintSet.highWords(bits, size));
  }

  /**
   * @param out at least {@link #length} bytes
   */
  static void encode(SegmentName name, FingerprintSet set, MemorySegment out) {
    out.set(INT, 0, MAGIC);
    out.set(SHORT, 4, (short) VERSION);
    out.set(SHORT, 6, kindCode(name));
    out.set(LONG, 8, name.writer());
    out.set(LONG, 16, name.first());
    out.set(LONG, 24, name.last());
    out.set(INT, 32, set.size());
    out.set(INT, 36, set.bits());
    long[] low = set.lowWords();
    long[] high = set.highWords();
    MemorySegment.copy(low, 0, out, LONG, HEADER_LENGTH, low.length);
    MemorySegment.copy(
        high, 0, out, LONG, HEADER_LENGTH + (long) Long.BYTES * low.length, high.length);
    out.set(INT, BODY_CRC_OFFSET, Crc32c.of(out, HEADER_LENGTH, length(set) - HEADER_LENGTH));
    out.set(INT, HEADER_CRC_OFFSET, Crc32c.of(out, 0, HEADER_CRC_OFFSET));
  }

  /** Reads a whole blob that was found under that name. Checks all before it allocates. */
  static Decoded decode(SegmentName name, MemorySegment in) {
    if (in.byteSize() < HEADER_LENGTH) {
      return new Decoded.Unsound("shorter than a header");
    }
    if (in.get(INT, 0) != MAGIC
        || in.get(SHORT, 4) != VERSION
        || in.get(INT, HEADER_CRC_OFFSET) != Crc32c.of(in, 0, HEADER_CRC_OFFSET)) {
      return new Decoded.Unsound("header fails its check");
    }
    if (in.get(SHORT, 6) != kindCode(name)
        || in.get(LONG, 8) != name.writer()
        || in.get(LONG, 16) != name.first()
        || in.get(LONG, 24) != name.last()) {
      return new Decoded.Unsound("is another segment");
    }
    int size = in.get(INT, 32);
    int bits = in.get(INT, 36);
    if (size < 0
        || size > FingerprintSet.MAX_SIZE
        || bits < 1
        || bits > FingerprintSet.MAX_BITS
        || in.byteSize() != length(bits, size)) {
      return new Decoded.Unsound(
          in.byteSize() + " bytes do not fit size=" + size + ", bits=" + bits);
    }
    if (in.get(INT, BODY_CRC_OFFSET)
        != Crc32c.of(in, HEADER_LENGTH, in.byteSize() - HEADER_LENGTH)) {
      return new Decoded.Unsound("body fails its checksum");
    }
    long[] low = new long[FingerprintSet.lowWords(bits, size)];
    long[] high = new long[FingerprintSet.highWords(bits, size)];
    MemorySegment.copy(in, LONG, HEADER_LENGTH, low, 0, low.length);
    MemorySegment.copy(
        in, LONG, HEADER_LENGTH + (long) Long.BYTES * low.length, high, 0, high.length);
    try {
      return new Decoded.Sound(FingerprintSet.ofWords(bits, size, low, high));
    } catch (IllegalArgumentException e) {
      return new Decoded.Unsound("codes no set: " + e.getMessage());
    }
  }

  private static short kindCode(SegmentName name) {
    return switch (name.kind()) {
      case DELTA -> 1;
      case BASE -> 2;
    };
  }
}
