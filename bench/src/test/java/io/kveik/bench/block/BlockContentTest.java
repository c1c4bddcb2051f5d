package io.kveik.bench.block;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_LONG_UNALIGNED;
import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Set;
import java.util.zip.Deflater;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class BlockContentTest {
  @ParameterizedTest
  @ValueSource(ints = {1, 16, 17, 1023, 1024, 65_536})
  void payloadsFollowFromTheNumberAlone(int length) {
    byte[] first = payload(5, length);
    assertThat(payload(5, length)).isEqualTo(first);
    byte[] longer = payload(5, length + 8);
    assertThat(Arrays.copyOf(longer, length / 8 * 8))
        .isEqualTo(Arrays.copyOf(first, length / 8 * 8));
    if (length >= 16) {
      assertThat(payload(6, length)).isNotEqualTo(first);
    }
  }

  /** Runs on another machine compare with these very bytes. */
  @Test
  void payloadsStayAsTheyAre() {
    assertThat(Arrays.hashCode(payload(0, 1 << 20))).isEqualTo(648_801_693);
  }

  @Test
  void onlyCompressiblePayloadsCompress() {
    assertThat(compressed(payload(9, 1 << 16))).isGreaterThan(1 << 16);
    assertThat(compressed(payload(PayloadKind.COMPRESSIBLE, 9, 1 << 16)))
        .isBetween((1 << 16) * 45 / 100, (1 << 16) * 55 / 100);
  }

  @ParameterizedTest
  @EnumSource(PayloadKind.class)
  void wordsAreThoseOfThePayload(PayloadKind kind) {
    MemorySegment payload = MemorySegment.ofArray(payload(kind, 3, 1_024));
    for (long word = 0; word < 128; word++) {
      assertThat(payload.get(JAVA_LONG_UNALIGNED, 8 * word)).isEqualTo(kind.word(3, word));
    }
  }

  private static int compressed(byte[] bytes) {
    Deflater deflater = new Deflater(Deflater.BEST_COMPRESSION);
    deflater.setInput(bytes);
    deflater.finish();
    int length = deflater.deflate(new byte[2 * bytes.length]);
    deflater.end();
    return length;
  }

  @Test
  void blocksDifferInTokensAndHaveOneSize() {
    Set<Integer> seen = new HashSet<>();
    long[] tokens = new long[BlockContent.TOKENS];
    for (int block = 0; block < 10_000; block++) {
      BlockContent.fillTokens(block, tokens, 0);
      assertThat(Arrays.stream(tokens))
          .allMatch(t -> t >= 1 << 14 && t <= BlockContent.WIDEST_TOKEN);
      seen.add(Arrays.hashCode(tokens));
    }
    assertThat(seen).hasSizeGreaterThan(9_990);
  }

  private static byte[] payload(long block, int length) {
    return payload(PayloadKind.RANDOM, block, length);
  }

  private static byte[] payload(PayloadKind kind, long block, int length) {
    MemorySegment segment = MemorySegment.ofArray(new byte[length]);
    kind.fill(block, segment);
    return segment.toArray(JAVA_BYTE);
  }
}
