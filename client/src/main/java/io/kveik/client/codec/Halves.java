package io.kveik.client.codec;

/** The two 16-bit formats. Stateless. */
final class Halves {
  private static final int MAGNITUDE = 0x7FFF_FFFF;
  private static final int INFINITY = 0x7F80_0000;

  private static final float LARGEST_FP16 = 65_504;
  private static final int LARGEST_BF16 = 0x7F7F;
  private static final int QUIET_BIT_BF16 = 0x0040;

  private Halves() {}

  /** Rounds to fp16, finite numbers to finite ones. */
  static short toFp16(float value) {
    boolean finite = Math.abs(value) < Float.POSITIVE_INFINITY;
    return Float.floatToFloat16(finite ? Math.clamp(value, -LARGEST_FP16, LARGEST_FP16) : value);
  }

  /** Rounds to bf16, finite numbers to finite ones. */
  static short toBf16(float value) {
    int bits = Float.floatToRawIntBits(value);
    int sign = bits >>> 16 & 0x8000;
    int magnitude = bits & MAGNITUDE;
    if (magnitude > INFINITY) {
      return (short) (bits >>> 16 | QUIET_BIT_BF16);
    }
    if (magnitude == INFINITY) {
      return (short) (bits >>> 16);
    }
    int rounded = (magnitude + 0x7FFF + (magnitude >>> 16 & 1)) >>> 16;
    return (short) (sign | Math.min(rounded, LARGEST_BF16));
  }

  static float fromBf16(short stored) {
    return Float.intBitsToFloat(stored << 16);
  }
}
