package io.kveik.server.codec;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.kveik.server.tier.TestBlocks;
import java.lang.foreign.MemorySegment;
import java.util.HexFormat;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class BytePlanesTest {
  private static final HexFormat HEX = HexFormat.of();

  /** Two words of numbers whose rotation by one bit can be read off: 0x8000 becomes 0x0001. */
  @Test
  void knownAnswerOfWidth2() {
    String raw = "0080" + "0040" + "a000" + "b000" + "c000" + "d000" + "e000" + "0180";
    // Rotated, as numbers: 0001 8000 0140 0160 | 0180 01a0 01c0 0003; the first half's high bytes
    // are the odd bytes of a plane's word, the second half's the even ones.
    assertThat(split(raw, 2))
        .isEqualTo("0100" + "0180" + "0101" + "0001" + "8001" + "a000" + "c040" + "0360");
  }

  /** The exponent of 1.0f alone, of -1.0f with the sign moved to the last plane. */
  @Test
  void knownAnswerOfWidth4() {
    String one = "0000803f";
    String minusOne = "000080bf";
    assertThat(split(one.repeat(8), 4))
        .isEqualTo("7f".repeat(8) + "00".repeat(8) + "00".repeat(8) + "00".repeat(8));
    assertThat(split(minusOne.repeat(8), 4))
        .isEqualTo("7f".repeat(8) + "00".repeat(8) + "00".repeat(8) + "01".repeat(8));
  }

  /** Each plane holds the bytes of its significance, and those only, however they are ordered. */
  @ParameterizedTest
  @ValueSource(ints = {2, 4})
  void eachByteGoesToItsPlane(int width) {
    int words = 5 * width;
    byte[] raw = new byte[words * 8];
    for (int i = 0; i < raw.length; i++) {
      // Byte k of a little-endian number, k = width - 1 the most significant; even, so that the
      // rotation brings nothing in from below, and below 128, so that it takes nothing out.
      raw[i] = (byte) (2 * (i % width));
    }
    MemorySegment planes = MemorySegment.ofArray(new byte[raw.length]);
    BytePlanes.split(MemorySegment.ofArray(raw), planes, width);
    byte[] split = planes.toArray(JAVA_BYTE);
    for (int i = 0; i < split.length; i++) {
      int plane = i / (raw.length / width);
      assertThat(split[i]).as("byte %d", i).isEqualTo((byte) (4 * (width - 1 - plane)));
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {2, 4})
  void joinUndoesSplit(int width) {
    SplittableRandom random = new SplittableRandom(TestBlocks.seed("byte planes"));
    for (int words = 0; words < 100; words++) {
      byte[] raw = new byte[words * width * 8];
      random.nextBytes(raw);
      MemorySegment planes = MemorySegment.ofArray(new byte[raw.length]);
      MemorySegment joined = MemorySegment.ofArray(new byte[raw.length]);
      BytePlanes.split(MemorySegment.ofArray(raw), planes, width);
      BytePlanes.join(planes, joined, width);
      assertThat(joined.mismatch(MemorySegment.ofArray(raw))).as("%d words", words).isEqualTo(-1);
    }
  }

  @Test
  void otherWidthsAreRefused() {
    MemorySegment bytes = MemorySegment.ofArray(new byte[24]);
    assertThatThrownBy(() -> BytePlanes.split(bytes, bytes, 3))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("width: 3");
    assertThatThrownBy(() -> BytePlanes.join(bytes, bytes, 1))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("width: 1");
  }

  private static String split(String raw, int width) {
    byte[] in = HEX.parseHex(raw);
    byte[] out = new byte[in.length];
    BytePlanes.split(MemorySegment.ofArray(in), MemorySegment.ofArray(out), width);
    return HEX.formatHex(out);
  }
}
