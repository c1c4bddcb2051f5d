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

  /**
   * In memory the high byte of a number is the second: those of the first half stay second in their
   * plane, those of the other half go before them.
   */
  @Test
  void knownAnswerOfWidth2() {
    assertThat(split("01020304" + "05060708" + "a1a2a3a4" + "a5a6a7a8", 2))
        .isEqualTo("a202a404" + "a606a808" + "a101a303" + "a505a707");
  }

  @Test
  void knownAnswerOfWidth4() {
    String minusOneAndAHalf = "0000c0bf";
    assertThat(split(minusOneAndAHalf.repeat(8), 4))
        .isEqualTo("bf".repeat(8) + "c0".repeat(8) + "00".repeat(8) + "00".repeat(8));
  }

  /** Each plane holds the bytes of its significance, and those only, however they are ordered. */
  @ParameterizedTest
  @ValueSource(ints = {2, 4})
  void eachByteGoesToItsPlane(int width) {
    byte[] raw = new byte[5 * width * BytePlanes.WORD_BYTES];
    for (int i = 0; i < raw.length; i++) {
      raw[i] = (byte) (i % width);
    }
    MemorySegment planes = MemorySegment.ofArray(new byte[raw.length]);
    BytePlanes.split(MemorySegment.ofArray(raw), planes, width);
    byte[] split = planes.toArray(JAVA_BYTE);
    for (int i = 0; i < split.length; i++) {
      int plane = i / (raw.length / width);
      assertThat(split[i]).as("byte %d", i).isEqualTo((byte) (width - 1 - plane));
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
