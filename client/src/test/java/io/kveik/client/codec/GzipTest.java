package io.kveik.client.codec;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.Test;

class GzipTest {
  private final long seed = Long.getLong("kveik.seed", System.nanoTime());
  private final SplittableRandom random = new SplittableRandom(seed);

  @Test
  void anyGunzipReadsIt() throws IOException {
    byte[] raw = repetitive(100_000);
    try (GZIPInputStream in = new GZIPInputStream(new ByteArrayInputStream(member(raw)))) {
      assertThat(in.readAllBytes()).isEqualTo(raw);
    }
    assertThat(member(raw).length).isLessThan(raw.length / 2);
  }

  @Test
  void everyLengthComesBack() {
    for (int length = 1; length < 300; length++) {
      byte[] raw = noise(length);
      assertThat(decompressed(member(raw), length)).isEqualTo(raw);
    }
    byte[] large = noise(1_000_000);
    assertThat(decompressed(member(large), large.length)).isEqualTo(large);
  }

  /** Some bits of deflate mean nothing; what a flipped one leaves right is right. */
  @Test
  void aFlippedBitIsFoundOrMeansNothing() {
    byte[] raw = repetitive(5_000);
    byte[] member = member(raw);
    int found = 0;
    for (int bit = 0; bit < 8 * member.length; bit++) {
      byte[] damaged = member.clone();
      damaged[bit / 8] ^= (byte) (1 << bit % 8);
      if (isRefused(damaged, raw.length)) {
        found++;
      } else {
        assertThat(decompressed(damaged, raw.length))
            .as("bit %d, seed %d", bit, seed)
            .isEqualTo(raw);
      }
    }
    assertThat(found).as("of %d bits", 8 * member.length).isGreaterThan(7 * member.length);
  }

  @Test
  void whatHasAnotherLengthIsRefused() {
    byte[] raw = repetitive(5_000);
    byte[] member = member(raw);
    for (int length = 0; length < member.length; length++) {
      assertThat(isRefused(Arrays.copyOf(member, length), raw.length)).isTrue();
    }
    assertThat(isRefused(Arrays.copyOf(member, member.length + 1), raw.length)).isTrue();
    assertThat(isRefused(member, raw.length - 1)).isTrue();
    assertThat(isRefused(member, raw.length + 1)).isTrue();
    assertThat(isRefused(member, raw.length)).isFalse();
  }

  private static boolean isRefused(byte[] member, int length) {
    MemorySegment bytes = MemorySegment.ofArray(member);
    return Gzip.statedBytes(bytes) != length
        || !Gzip.decompress(bytes, MemorySegment.ofArray(new byte[length]));
  }

  private static byte[] member(byte[] raw) {
    MemorySegment to = MemorySegment.ofArray(new byte[(int) Gzip.maxCompressedBytes(raw.length)]);
    long length = Gzip.compress(MemorySegment.ofArray(raw), to);
    return to.asSlice(0, length).toArray(JAVA_BYTE);
  }

  private static byte[] decompressed(byte[] member, int length) {
    byte[] raw = new byte[length];
    MemorySegment bytes = MemorySegment.ofArray(member);
    assertThat(Gzip.statedBytes(bytes)).isEqualTo(length);
    assertThat(Gzip.decompress(bytes, MemorySegment.ofArray(raw))).isTrue();
    return raw;
  }

  private byte[] noise(int length) {
    byte[] bytes = new byte[length];
    random.nextBytes(bytes);
    return bytes;
  }

  private byte[] repetitive(int length) {
    byte[] bytes = new byte[length];
    for (int i = 0; i < length; i++) {
      bytes[i] = (byte) random.nextInt(3);
    }
    return bytes;
  }
}
