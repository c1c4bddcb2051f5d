package io.kveik.bench.jmh;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_FLOAT_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_SHORT_UNALIGNED;

import io.kveik.server.block.ElementType;
import java.lang.foreign.MemorySegment;
import java.util.SplittableRandom;

/**
 * Numbers spread as keys and values are: normal, each channel with a scale of its own (log-normal,
 * sigma 0.8, and one channel in 64 ten times larger), each token's a correlation of 0.5 with the
 * one's before. Row after row of tokens. A stand-in: what a model's KV comes to is to be measured
 * with that model.
 */
final class SyntheticKv {
  private static final int CHANNELS = 4_800;
  private static final double CORRELATION = 0.5;
  private static final double SIGMA_OF_SCALES = 0.8;
  private static final int LARGE_CHANNEL_EVERY = 64;
  private static final double LARGE = 10;

  private SyntheticKv() {}

  /** Fills with numbers of that type; bytes of no declared type are those of bf16. */
  static void fill(MemorySegment payload, ElementType type, SplittableRandom random) {
    double[] scales = new double[CHANNELS];
    double[] states = new double[CHANNELS];
    for (int channel = 0; channel < CHANNELS; channel++) {
      scales[channel] =
          Math.exp(SIGMA_OF_SCALES * random.nextGaussian())
              * (channel % LARGE_CHANNEL_EVERY == 0 ? LARGE : 1);
      states[channel] = random.nextGaussian();
    }
    double innovation = Math.sqrt(1 - CORRELATION * CORRELATION);
    int width = type == ElementType.UNDECLARED ? 2 : type.widthBytes();
    long count = payload.byteSize() / width;
    for (long i = 0; i < count; i++) {
      int channel = (int) (i % CHANNELS);
      states[channel] = CORRELATION * states[channel] + innovation * random.nextGaussian();
      set(payload, i * width, type, (float) (states[channel] * scales[channel]));
    }
  }

  private static void set(MemorySegment payload, long at, ElementType type, float value) {
    switch (type) {
      case BF16, UNDECLARED -> payload.set(JAVA_SHORT_UNALIGNED, at, bf16(value));
      case FP16 -> payload.set(JAVA_SHORT_UNALIGNED, at, Float.floatToFloat16(value));
      case FP32 -> payload.set(JAVA_FLOAT_UNALIGNED, at, value);
      case FP8 -> payload.set(JAVA_BYTE, at, e4m3(value));
    }
  }

  private static short bf16(float value) {
    return (short) ((Float.floatToRawIntBits(value) + 0x8000) >>> 16);
  }

  /** Of 1 sign, 4 exponent and 3 fraction bits; near enough for a benchmark. */
  private static byte e4m3(float value) {
    int bits = Float.floatToRawIntBits(Math.clamp(value, -448f, 448f));
    int exponentAndFraction = ((bits & 0x7FFFFFFF) >>> 20) - (120 << 3);
    return (byte) ((bits >>> 24 & 0x80) | Math.max(0, exponentAndFraction));
  }
}
