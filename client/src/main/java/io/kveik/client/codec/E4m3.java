package io.kveik.client.codec;

/**
 * FP8 E4M3: 1 sign, 4 exponent and 3 fraction bits, bias 7, no infinities, NaN where all bits but
 * the sign are set. Source: Open Compute Project, "OCP 8-bit Floating Point Specification (OFP8)",
 * revision 1.0. Stateless.
 */
final class E4m3 {
  private static final int MAGNITUDE = 0x7FFF_FFFF;
  private static final int INFINITY = 0x7F80_0000;
  private static final int NAN = 0x7F;
  private static final int LARGEST = 0x7E;

  /** Bits of fp32's fraction that E4M3 does not have. */
  private static final int DROPPED_BITS = 20;

  private static final int LARGEST_AS_FLOAT = Float.floatToRawIntBits(448);
  private static final int SMALLEST_NORMAL_AS_FLOAT = Float.floatToRawIntBits(0x1p-6f);

  /** What takes fp32's bias of 127 to 7, at the place of E4M3's exponent. */
  private static final int BIAS_DIFFERENCE = (127 - 7) << 3;

  /** One unit in its last place is 2^-9, that of a subnormal: adding it rounds to those. */
  private static final float ROUNDS_TO_SUBNORMALS = 0x1p14f;

  private static final float[] TO_FLOAT = table();

  private E4m3() {}

  /** The nearest, ties to even; what is larger than the largest, infinite too, is the largest. */
  static byte of(float value) {
    int bits = Float.floatToRawIntBits(value);
    int sign = bits >>> 24 & 0x80;
    int magnitude = bits & MAGNITUDE;
    if (magnitude >= LARGEST_AS_FLOAT) {
      return (byte) (sign | (magnitude > INFINITY ? NAN : LARGEST));
    }
    if (magnitude < SMALLEST_NORMAL_AS_FLOAT) {
      float shifted = Math.abs(value) + ROUNDS_TO_SUBNORMALS;
      int units = Float.floatToRawIntBits(shifted) - Float.floatToRawIntBits(ROUNDS_TO_SUBNORMALS);
      return (byte) (sign | units);
    }
    int half = (1 << (DROPPED_BITS - 1)) - 1 + (magnitude >>> DROPPED_BITS & 1);
    return (byte) (sign | ((magnitude + half) >>> DROPPED_BITS) - BIAS_DIFFERENCE);
  }

  static float toFloat(byte stored) {
    return TO_FLOAT[Byte.toUnsignedInt(stored)];
  }

  private static float[] table() {
    float[] table = new float[256];
    for (int i = 0; i < table.length; i++) {
      int exponent = i >>> 3 & 0xF;
      int fraction = i & 7;
      float magnitude;
      if ((i & NAN) == NAN) {
        magnitude = Float.NaN;
      } else if (exponent == 0) {
        magnitude = Math.scalb((float) fraction, -9);
      } else {
        magnitude = Math.scalb((float) (8 + fraction), exponent - 10);
      }
      table[i] = i < 0x80 ? magnitude : -magnitude;
    }
    return table;
  }
}
