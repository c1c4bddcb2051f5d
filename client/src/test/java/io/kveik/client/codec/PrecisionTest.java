package io.kveik.client.codec;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT_UNALIGNED;
import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.MemorySegment;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PrecisionTest {
  private static final int NUMBERS = 200_000;

  /** Over all magnitudes that the format has a normal number for: its unit roundoff. */
  @ParameterizedTest
  @CsvSource({"FP16, -14, 15, -11", "BF16, -126, 126, -8", "FP8_E4M3, -6, 7, -4"})
  void normalNumbersKeepTheirLeadingBits(
      Precision precision, int fromExponent, int toExponent, int roundoffExponent) {
    SplittableRandom random = seeded("precision");
    double bound = Math.scalb(1.0, roundoffExponent);
    for (int i = 0; i < NUMBERS; i++) {
      float value =
          Math.scalb((float) random.nextDouble(1, 2), random.nextInt(fromExponent, toExponent + 1));
      value = random.nextBoolean() ? value : -value;
      float restored = roundTrip(precision, value);
      assertThat(Math.abs((double) restored - value) / Math.abs(value))
          .as("%s", value)
          .isLessThanOrEqualTo(bound);
    }
  }

  @ParameterizedTest
  @CsvSource({"FP16, -14, -25", "FP8_E4M3, -6, -10"})
  void smallNumbersAreOffByHalfAUnit(Precision precision, int belowExponent, int errorExponent) {
    SplittableRandom random = seeded("precision");
    double below = Math.scalb(1.0, belowExponent);
    for (int i = 0; i < NUMBERS; i++) {
      float value = (float) random.nextDouble(-below, below);
      assertThat(Math.abs((double) roundTrip(precision, value) - value))
          .as("%s", value)
          .isLessThanOrEqualTo(Math.scalb(1.0, errorExponent));
    }
  }

  @ParameterizedTest
  @CsvSource({
    // Halfway between two: to the even one.
    "FP16, 0x1.002p0, 0x1p0",
    "FP16, 0x1.006p0, 0x1.008p0",
    "BF16, 0x1.01p0, 0x1p0",
    "BF16, 0x1.03p0, 0x1.04p0",
    "FP8_E4M3, 0x1.1p0, 0x1p0",
    "FP8_E4M3, 0x1.3p0, 0x1.4p0",
    "FP8_E4M3, 0x1p-10, 0x0p0",
    "FP8_E4M3, 0x1.8p-9, 0x1p-8",
    // A subnormal that rounds up to the smallest normal, and a carry into the exponent.
    "FP8_E4M3, 0x1.fp-7, 0x1p-6",
    "FP8_E4M3, 0x1.fp0, 0x1p1",
    "BF16, 0x1.ffp0, 0x1p1",
    // Too large: the largest, never infinite.
    "FP16, 65504, 65504",
    "FP16, 1e9, 65504",
    "FP16, -1e9, -65504",
    "BF16, 3.4028235e38, 0x1.fep127",
    "BF16, -3.4028235e38, -0x1.fep127",
    "FP8_E4M3, 448, 448",
    "FP8_E4M3, 464, 448",
    "FP8_E4M3, -1e9, -448",
    "FP8_E4M3, Infinity, 448",
    "FP16, -Infinity, -Infinity",
    "BF16, Infinity, Infinity",
    "FP16, -0.0, -0.0",
    "BF16, -0.0, -0.0",
    "FP8_E4M3, -0.0, -0.0",
  })
  void knownAnswers(Precision precision, float value, float expected) {
    assertThat(Float.floatToRawIntBits(roundTrip(precision, value)))
        .isEqualTo(Float.floatToRawIntBits(expected));
  }

  @ParameterizedTest
  @CsvSource({"FP16", "BF16", "FP8_E4M3"})
  void notANumberStaysNone(Precision precision) {
    assertThat(roundTrip(precision, Float.NaN)).isNaN();
    // All of whose set bits are cut off.
    assertThat(roundTrip(precision, Float.intBitsToFloat(0x7F80_0001))).isNaN();
    assertThat(roundTrip(precision, Float.intBitsToFloat(0xFF80_0001))).isNaN();
  }

  /** Against all there are, ties to the even one. */
  @Test
  void e4m3IsTheNearestThereIs() {
    SplittableRandom random = seeded("precision");
    for (int i = 0; i < 20_000; i++) {
      float value = (float) (random.nextGaussian() * Math.scalb(1.0, random.nextInt(-12, 9)));
      int nearest = 0;
      for (int code = 1; code < 0x7F; code++) {
        double error = Math.abs(Math.abs((double) value) - E4m3.toFloat((byte) code));
        double least = Math.abs(Math.abs((double) value) - E4m3.toFloat((byte) nearest));
        if (error < least || (error == least && code % 2 == 0)) {
          nearest = code;
        }
      }
      assertThat(E4m3.of(value) & 0x7F).as("%s", value).isEqualTo(nearest);
    }
  }

  @Test
  void whatE4m3HasComesBack() {
    for (int code = 0; code < 256; code++) {
      if ((code & 0x7F) != 0x7F) {
        assertThat(E4m3.of(E4m3.toFloat((byte) code))).isEqualTo((byte) code);
      }
    }
  }

  private static SplittableRandom seeded(String test) {
    long seed = Long.getLong("kveik.seed", System.nanoTime());
    System.out.println(test + ": -Dkveik.seed=" + seed);
    return new SplittableRandom(seed);
  }

  private static float roundTrip(Precision precision, float value) {
    MemorySegment raw = MemorySegment.ofArray(new byte[Float.BYTES]);
    raw.set(JAVA_FLOAT_UNALIGNED, 0, value);
    MemorySegment stored = MemorySegment.ofArray(new byte[precision.widthBytes()]);
    precision.lower(raw, stored);
    precision.restore(stored, raw);
    return raw.get(JAVA_FLOAT_UNALIGNED, 0);
  }
}
