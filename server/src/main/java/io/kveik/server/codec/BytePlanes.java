package io.kveik.server.codec;

import static java.lang.foreign.ValueLayout.JAVA_LONG_UNALIGNED;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/**
 * Splits numbers into planes of their bytes, most significant plane first, and joins them again.
 *
 * <p>Exponents of KV are alike and fractions are noise, so that a plane of exponents compresses
 * well and planes of fractions not at all; mixed, nothing does. A sign stands between the exponent
 * and the byte's edge: each number is rotated left by one bit first, which makes the first plane of
 * bf16 and fp32 the exponent, whole, and moves the sign to the last plane.
 *
 * <p>A plane is not in the numbers' order. Words (8 bytes, little-endian) are combined that lie a
 * {@code width}-th of the whole apart, so that each plane's word takes two masks and a shift: some
 * 10 GB/s in plain Java on any processor, where collecting neighbours' bytes takes a gather-bits
 * instruction that not every processor has, or twice the time. For width 2, with a the word at i of
 * the first half, b of the second, both rotated:
 *
 * <pre>
 *   plane 0, word i   = (a &amp; FF00 FF00 FF00 FF00) | (b &gt;&gt;&gt; 8 &amp; 00FF 00FF 00FF 00FF)
 *   plane 1, word i   = (a &lt;&lt; 8 &amp; FF00 FF00 FF00 FF00) | (b &amp; 00FF 00FF 00FF 00FF)
 * </pre>
 *
 * <p>Width 4 does the same with 16 bits, quarters 0 and 2, 1 and 3, and then with 8 bits to each of
 * the two results. Stateless. O(length). Source of the idea: byte-stream splitting as in Apache
 * Parquet's BYTE_STREAM_SPLIT; of the rotation: Hershcovitch et al., "ZipNN: Lossless Compression
 * for AI Models", 2024.
 */
final class BytePlanes {
  /** Bytes of one word: a plane's length is a multiple. */
  static final int WORD_BYTES = Long.BYTES;

  private static final ValueLayout.OfLong WORD =
      JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final long LOW_8 = 0x00FF_00FF_00FF_00FFL;
  private static final long LOW_16 = 0x0000_FFFF_0000_FFFFL;
  private static final long LOW_BIT_OF_16 = 0x0001_0001_0001_0001L;
  private static final long LOW_BIT_OF_32 = 0x0000_0001_0000_0001L;

  private BytePlanes() {}

  /** True when numbers of that many bytes can be split; 1 means that there is nothing to split. */
  static boolean isWidth(int width) {
    return width == 1 || width == 2 || width == 4;
  }

  /**
   * Splits.
   *
   * @param raw a multiple of {@code width * WORD_BYTES} bytes
   * @param planes as many bytes: plane after plane; apart from {@code raw}
   * @param width 2 or 4
   */
  static void split(MemorySegment raw, MemorySegment planes, int width) {
    long part = raw.byteSize() / width;
    switch (width) {
      case 2 -> split2(raw, planes, part);
      case 4 -> split4(raw, planes, part);
      default -> throw new IllegalArgumentException("width: " + width + ", must be 2 or 4");
    }
  }

  /** The inverse of {@link #split}, of the same lengths. */
  static void join(MemorySegment planes, MemorySegment raw, int width) {
    long part = raw.byteSize() / width;
    switch (width) {
      case 2 -> join2(planes, raw, part);
      case 4 -> join4(planes, raw, part);
      default -> throw new IllegalArgumentException("width: " + width + ", must be 2 or 4");
    }
  }

  private static void split2(MemorySegment raw, MemorySegment planes, long part) {
    for (long i = 0; i < part; i += WORD_BYTES) {
      long a = rotateLeft16(raw.get(WORD, i));
      long b = rotateLeft16(raw.get(WORD, part + i));
      planes.set(WORD, i, high8(a, b));
      planes.set(WORD, part + i, low8(a, b));
    }
  }

  private static void join2(MemorySegment planes, MemorySegment raw, long part) {
    for (long i = 0; i < part; i += WORD_BYTES) {
      long high = planes.get(WORD, i);
      long low = planes.get(WORD, part + i);
      // Exchanging bytes between two words is its own inverse.
      raw.set(WORD, i, rotateRight16(high8(high, low)));
      raw.set(WORD, part + i, rotateRight16(low8(high, low)));
    }
  }

  private static void split4(MemorySegment raw, MemorySegment planes, long part) {
    for (long i = 0; i < part; i += WORD_BYTES) {
      long a = rotateLeft32(raw.get(WORD, i));
      long b = rotateLeft32(raw.get(WORD, part + i));
      long c = rotateLeft32(raw.get(WORD, 2 * part + i));
      long d = rotateLeft32(raw.get(WORD, 3 * part + i));
      long highAc = high16(a, c);
      long highBd = high16(b, d);
      long lowAc = low16(a, c);
      long lowBd = low16(b, d);
      planes.set(WORD, i, high8(highAc, highBd));
      planes.set(WORD, part + i, low8(highAc, highBd));
      planes.set(WORD, 2 * part + i, high8(lowAc, lowBd));
      planes.set(WORD, 3 * part + i, low8(lowAc, lowBd));
    }
  }

  private static void join4(MemorySegment planes, MemorySegment raw, long part) {
    for (long i = 0; i < part; i += WORD_BYTES) {
      long plane0 = planes.get(WORD, i);
      long plane1 = planes.get(WORD, part + i);
      long plane2 = planes.get(WORD, 2 * part + i);
      long plane3 = planes.get(WORD, 3 * part + i);
      long highAc = high8(plane0, plane1);
      long highBd = low8(plane0, plane1);
      long lowAc = high8(plane2, plane3);
      long lowBd = low8(plane2, plane3);
      raw.set(WORD, i, rotateRight32(high16(highAc, lowAc)));
      raw.set(WORD, part + i, rotateRight32(high16(highBd, lowBd)));
      raw.set(WORD, 2 * part + i, rotateRight32(low16(highAc, lowAc)));
      raw.set(WORD, 3 * part + i, rotateRight32(low16(highBd, lowBd)));
    }
  }

  private static long high8(long a, long b) {
    return (a & ~LOW_8) | (b >>> 8 & LOW_8);
  }

  private static long low8(long a, long b) {
    return (a << 8 & ~LOW_8) | (b & LOW_8);
  }

  private static long high16(long a, long b) {
    return (a & ~LOW_16) | (b >>> 16 & LOW_16);
  }

  private static long low16(long a, long b) {
    return (a << 16 & ~LOW_16) | (b & LOW_16);
  }

  private static long rotateLeft16(long lanes) {
    return (lanes << 1 & ~LOW_BIT_OF_16) | (lanes >>> 15 & LOW_BIT_OF_16);
  }

  private static long rotateRight16(long lanes) {
    return (lanes >>> 1 & ~(LOW_BIT_OF_16 << 15)) | (lanes << 15 & LOW_BIT_OF_16 << 15);
  }

  private static long rotateLeft32(long lanes) {
    return (lanes << 1 & ~LOW_BIT_OF_32) | (lanes >>> 31 & LOW_BIT_OF_32);
  }

  private static long rotateRight32(long lanes) {
    return (lanes >>> 1 & ~(LOW_BIT_OF_32 << 31)) | (lanes << 31 & LOW_BIT_OF_32 << 31);
  }
}
