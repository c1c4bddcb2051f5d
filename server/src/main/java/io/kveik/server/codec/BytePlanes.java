package io.kveik.server.codec;

import static java.lang.foreign.ValueLayout.JAVA_LONG_UNALIGNED;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/**
 * Splits numbers into planes of their bytes, most significant plane first, and joins them again.
 *
 * <p>Exponents of KV are alike and fractions are noise, so that a plane of exponents compresses
 * well and planes of fractions not at all; mixed, the noise spoils it.
 *
 * <p>A plane is not in the numbers' order. Words (8 bytes, little-endian) are combined that lie a
 * {@code width}-th of the whole apart, so that each plane's word takes two masks and a shift, on
 * any processor; collecting the bytes of neighbours takes a gather-bits instruction that not every
 * processor has, or twice the time. For width 2, with a the word at i of the first half, b of the
 * second:
 *
 * <pre>
 *   plane 0, word i   = (a &amp; FF00 FF00 FF00 FF00) | (b &gt;&gt;&gt; 8 &amp; 00FF 00FF 00FF 00FF)
 *   plane 1, word i   = (a &lt;&lt; 8 &amp; FF00 FF00 FF00 FF00) | (b &amp; 00FF 00FF 00FF 00FF)
 * </pre>
 *
 * <p>Width 4 does the same with 16 bits, quarters 0 and 2, 1 and 3, and then with 8 bits to each of
 * the two results. Moving the sign out of the first plane, by rotating each number by a bit, was
 * measured to save less than 1 % more, and left out.
 *
 * <p>Stateless. O(length); docs/benchmarks.md has the rates. Source of the idea: Apache Parquet's
 * BYTE_STREAM_SPLIT.
 */
public final class BytePlanes {
  /** Bytes of one word: a plane's length is a multiple. */
  static final int WORD_BYTES = Long.BYTES;

  private static final ValueLayout.OfLong WORD =
      JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final long LOW_8 = 0x00FF_00FF_00FF_00FFL;
  private static final long LOW_16 = 0x0000_FFFF_0000_FFFFL;

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
  public static void split(MemorySegment raw, MemorySegment planes, int width) {
    long part = raw.byteSize() / width;
    switch (width) {
      case 2 -> exchange2(raw, planes, part);
      case 4 -> split4(raw, planes, part);
      default -> throw new IllegalArgumentException("width: " + width + ", must be 2 or 4");
    }
  }

  /** The inverse of {@link #split}, of the same lengths. */
  public static void join(MemorySegment planes, MemorySegment raw, int width) {
    long part = raw.byteSize() / width;
    switch (width) {
      case 2 -> exchange2(planes, raw, part);
      case 4 -> join4(planes, raw, part);
      default -> throw new IllegalArgumentException("width: " + width + ", must be 2 or 4");
    }
  }

  /** Its own inverse, since it exchanges bytes between two words. */
  private static void exchange2(MemorySegment from, MemorySegment to, long part) {
    for (long i = 0; i < part; i += WORD_BYTES) {
      long a = from.get(WORD, i);
      long b = from.get(WORD, part + i);
      to.set(WORD, i, high8(a, b));
      to.set(WORD, part + i, low8(a, b));
    }
  }

  private static void split4(MemorySegment raw, MemorySegment planes, long part) {
    for (long i = 0; i < part; i += WORD_BYTES) {
      long a = raw.get(WORD, i);
      long b = raw.get(WORD, part + i);
      long c = raw.get(WORD, 2 * part + i);
      long d = raw.get(WORD, 3 * part + i);
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
      raw.set(WORD, i, high16(highAc, lowAc));
      raw.set(WORD, part + i, high16(highBd, lowBd));
      raw.set(WORD, 2 * part + i, low16(highAc, lowAc));
      raw.set(WORD, 3 * part + i, low16(highBd, lowBd));
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
}
