package io.kveik.server.demo;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/**
 * Stands in for a model: the KV of a block, as a pure function of tenant and chained label.
 *
 * <p>The bytes read as bf16 numbers of either sign between 2^-7 and 2, which is how keys and values
 * are spread. The tenant goes in, which it does not in a real model, so that a block which crossed
 * over from another tenant would show as wrong bytes. SplitMix64 (Steele, Lea, Flood, OOPSLA 2014);
 * about a millisecond per megabyte. Immutable.
 */
final class KvPayload {
  private static final ValueLayout.OfLong WORD =
      ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final long GOLDEN_GAMMA = 0x9E3779B97F4A7C15L;

  /** Of each bf16 the sign, the low three bits of the exponent and the seven of the fraction. */
  private static final long RANDOM_BITS = 0x83FF_83FF_83FF_83FFL;

  /** Of each exponent the high bits: 120 to 127. */
  private static final long EXPONENT_BITS = 0x3C00_3C00_3C00_3C00L;

  private final long tenantSeed;

  KvPayload(String tenant) {
    this.tenantSeed = tenant.chars().asLongStream().reduce(1, (seed, c) -> mix(seed * 31 + c));
  }

  /** Fills the whole segment with the KV of that block. */
  void fill(MemorySegment segment, long label) {
    long seed = mix(tenantSeed ^ mix(label));
    long size = segment.byteSize();
    long words = size / Long.BYTES;
    for (long i = 0; i < words; i++) {
      segment.set(WORD, i * Long.BYTES, word(seed, i));
    }
    long last = word(seed, words);
    for (long at = words * Long.BYTES; at < size; at++) {
      segment.set(ValueLayout.JAVA_BYTE, at, (byte) last);
      last >>>= Byte.SIZE;
    }
  }

  /**
   * Compares every byte.
   *
   * @param scratch as long as the block ought to be; overwritten
   * @return bytes that differ, those too many or too few included
   */
  long wrongBytes(MemorySegment actual, long label, MemorySegment scratch) {
    fill(scratch, label);
    if (actual.mismatch(scratch) == -1) {
      return 0;
    }
    long shared = Math.min(actual.byteSize(), scratch.byteSize());
    long wrong = Math.max(actual.byteSize(), scratch.byteSize()) - shared;
    for (long at = 0; at < shared; at++) {
      if (actual.get(ValueLayout.JAVA_BYTE, at) != scratch.get(ValueLayout.JAVA_BYTE, at)) {
        wrong++;
      }
    }
    return wrong;
  }

  private static long word(long seed, long index) {
    return (mix(seed + (index + 1) * GOLDEN_GAMMA) & RANDOM_BITS) | EXPONENT_BITS;
  }

  private static long mix(long z) {
    z = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
    z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
    return z ^ (z >>> 31);
  }
}
