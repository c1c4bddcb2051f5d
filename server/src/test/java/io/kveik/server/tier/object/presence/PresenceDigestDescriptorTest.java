package io.kveik.server.tier.object.presence;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static org.assertj.core.api.Assertions.assertThat;

import io.kveik.server.tier.object.presence.PresenceDigestDescriptor.Decoded;
import io.kveik.server.tier.object.presence.SegmentName.Kind;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PresenceDigestDescriptorTest {
  private static final long SEED = 7;
  private static final SegmentName NAME = new SegmentName(0xABCDEF, 3, 9, Kind.DELTA);
  private final SplittableRandom random = new SplittableRandom(SEED);

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 1_000, 65_536})
  void whatWasEncodedIsDecoded(int keys) {
    long[] hashes = random.longs(keys).toArray();
    FingerprintSet set = FingerprintSet.of(hashes.clone(), keys, 26);

    FingerprintSet back = sound(PresenceDigestDescriptor.decode(NAME, encoded(NAME, set)));

    assertThat(back.size()).isEqualTo(set.size());
    assertThat(back.bits()).isEqualTo(26);
    assertThat(back.lowWords()).isEqualTo(set.lowWords());
    assertThat(back.highWords()).isEqualTo(set.highWords());
    for (long hash : hashes) {
      assertThat(back.mayContain(hash)).isTrue();
    }
  }

  /** The layout itself: a change of it is a new version. */
  @Test
  void layoutIsAsDrawn() {
    byte[] bytes =
        encoded(NAME, FingerprintSet.of(new long[] {1L << 38, 1L << 40}, 2, 26)).toArray(JAVA_BYTE);

    assertThat(bytes).hasSize(48 + 8 * (2 + 1));
    assertThat(Arrays.copyOf(bytes, 40))
        .isEqualTo(
            new byte[] {
              'K',
              'V',
              'K',
              'P',
              0,
              1,
              0,
              1, // magic, version, delta
              0,
              0,
              0,
              0,
              0,
              (byte) 0xAB,
              (byte) 0xCD,
              (byte) 0xEF, // writer
              0,
              0,
              0,
              0,
              0,
              0,
              0,
              3,
              0,
              0,
              0,
              0,
              0,
              0,
              0,
              9, // generations
              0,
              0,
              0,
              2,
              0,
              0,
              0,
              26 // size, bits
            });
    // Fingerprints 1 and 4 of 26 bits: low parts of 25 bits in a row, both under the high value 0.
    assertThat(Arrays.copyOfRange(bytes, 48, 56)).isEqualTo(new byte[] {0, 0, 0, 0, 8, 0, 0, 1});
    assertThat(bytes[71]).isEqualTo((byte) 0b0011);
  }

  @Test
  void everyFlippedBitIsNoticed() {
    byte[] good =
        encoded(NAME, FingerprintSet.of(random.longs(50).toArray(), 50, 26)).toArray(JAVA_BYTE);

    for (int bit = 0; bit < good.length * 8; bit++) {
      byte[] bad = good.clone();
      bad[bit >>> 3] ^= (byte) (1 << (bit & 7));
      assertThat(PresenceDigestDescriptor.decode(NAME, MemorySegment.ofArray(bad)))
          .isInstanceOf(Decoded.Unsound.class);
    }
  }

  @Test
  void everyTruncationAndExtensionIsNoticed() {
    byte[] good =
        encoded(NAME, FingerprintSet.of(random.longs(50).toArray(), 50, 26)).toArray(JAVA_BYTE);

    for (int length = 0; length < good.length + 16; length++) {
      Decoded decoded =
          PresenceDigestDescriptor.decode(NAME, MemorySegment.ofArray(Arrays.copyOf(good, length)));
      assertThat(decoded instanceof Decoded.Sound).isEqualTo(length == good.length);
    }
  }

  @Test
  void aSegmentUnderAnothersNameIsNoticed() {
    MemorySegment bytes = encoded(NAME, FingerprintSet.of(new long[] {5}, 1, 26));

    for (SegmentName other :
        new SegmentName[] {
          new SegmentName(1, 3, 9, Kind.DELTA),
          new SegmentName(0xABCDEF, 2, 9, Kind.DELTA),
          new SegmentName(0xABCDEF, 3, 8, Kind.DELTA),
          new SegmentName(0xABCDEF, 3, 9, Kind.BASE)
        }) {
      assertThat(PresenceDigestDescriptor.decode(other, bytes))
          .isEqualTo(new Decoded.Unsound("is another segment"));
    }
  }

  @Test
  void namesAreReadAsWritten() {
    for (Kind kind : Kind.values()) {
      SegmentName name = new SegmentName(-5, 0, Long.MAX_VALUE, kind);
      assertThat(SegmentName.parse(name.path())).contains(name);
    }
    assertThat(NAME.path())
        .isEqualTo("presence/1/0000000000abcdef/0000000000000003-0000000000000009.delta");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "presence/1/0000000000abcdef/0000000000000009-0000000000000003.delta",
        "presence/1/0000000000abcdef/8000000000000000-8000000000000001.delta",
        "presence/1/0000000000abcdef/0000000000000003-0000000000000009.other",
        "presence/1/0000000000abcdef/3-9.delta",
        "presence/2/0000000000abcdef/0000000000000003-0000000000000009.delta",
        "presence/1/",
        ""
      })
  void otherPathsAreNoSegments(String path) {
    assertThat(SegmentName.parse(path)).isEmpty();
  }

  @Test
  void onlyABaseCoversABase() {
    SegmentName base = new SegmentName(1, 0, 5, Kind.BASE);

    assertThat(new SegmentName(1, 0, 9, Kind.DELTA).covers(base)).isFalse();
    assertThat(new SegmentName(1, 0, 9, Kind.BASE).covers(base)).isTrue();
    assertThat(new SegmentName(2, 0, 9, Kind.BASE).covers(base)).isFalse();
    assertThat(base.covers(base)).isFalse();
    assertThat(base.covers(new SegmentName(1, 2, 5, Kind.DELTA))).isTrue();
    assertThat(base.covers(new SegmentName(1, 2, 6, Kind.DELTA))).isFalse();
  }

  private static MemorySegment encoded(SegmentName name, FingerprintSet set) {
    MemorySegment bytes =
        MemorySegment.ofArray(new byte[(int) PresenceDigestDescriptor.length(set)]);
    PresenceDigestDescriptor.encode(name, set, bytes);
    return bytes;
  }

  private static FingerprintSet sound(Decoded decoded) {
    assertThat(decoded).isInstanceOf(Decoded.Sound.class);
    return ((Decoded.Sound) decoded).set();
  }
}
