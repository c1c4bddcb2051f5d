package io.kveik.server.codec;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_FLOAT_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_SHORT_UNALIGNED;

import io.kveik.server.block.ElementType;
import java.lang.foreign.MemorySegment;
import java.util.SplittableRandom;

/** Payloads to encode. */
final class Payloads {
  private Payloads() {}

  /** Fills with normally distributed numbers of that type, as KV is; bytes that are left with 7. */
  static void fillNormal(MemorySegment payload, ElementType type, SplittableRandom random) {
    payload.fill((byte) 7);
    int width = type.widthBytes();
    for (long at = 0; at + width <= payload.byteSize(); at += width) {
      float value = (float) random.nextGaussian();
      switch (type) {
        case BF16 ->
            payload.set(JAVA_SHORT_UNALIGNED, at, (short) (Float.floatToRawIntBits(value) >>> 16));
        case FP16 -> payload.set(JAVA_SHORT_UNALIGNED, at, Float.floatToFloat16(value));
        case FP32 -> payload.set(JAVA_FLOAT_UNALIGNED, at, value);
        case FP8 -> payload.set(JAVA_BYTE, at, (byte) (Float.floatToFloat16(value) >>> 8));
        case UNDECLARED -> payload.set(JAVA_BYTE, at, (byte) (random.nextInt() & 3));
      }
    }
  }

  /** Fills with bytes that nothing makes shorter. */
  static void fillNoise(MemorySegment payload, SplittableRandom random) {
    for (long at = 0; at < payload.byteSize(); at++) {
      payload.set(JAVA_BYTE, at, (byte) random.nextInt());
    }
  }
}
