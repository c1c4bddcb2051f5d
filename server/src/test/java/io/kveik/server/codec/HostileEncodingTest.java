package io.kveik.server.codec;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static org.assertj.core.api.Assertions.assertThat;

import io.kveik.server.block.ElementType;
import io.kveik.server.codec.EncodeOutcome.Encoded;
import io.kveik.server.memory.Slab;
import io.kveik.server.tier.TestBlocks;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.SplittableRandom;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Encoded bytes that no encoder wrote: an answer, and no byte outside the target. */
@Timeout(120)
class HostileEncodingTest {
  private static final int RAW_BYTES = (300 << 10) + 13;
  private static final int ROUNDS = 1_000;
  private static final int GUARD_BYTES = 4096;
  private static final byte GUARD = (byte) 0xA5;

  private final SplittableRandom random =
      new SplittableRandom(TestBlocks.seed("hostile encodings"));
  private final Slab slab = Slab.anonymous(4 << 20);
  private final PayloadCodec codec = new PayloadCodec(1);
  private final Arena arena = Arena.ofShared();
  private final MemorySegment guarded = arena.allocate(RAW_BYTES + 2 * GUARD_BYTES).fill(GUARD);
  private final MemorySegment target = guarded.asSlice(GUARD_BYTES, RAW_BYTES);

  @AfterEach
  void nothingIsLeased() {
    codec.close();
    arena.close();
    assertThat(slab.liveLeases()).isZero();
    slab.close();
  }

  @ParameterizedTest
  @CsvSource({"LZ4, UNDECLARED", "ZSTD, UNDECLARED", "ZSTD, BF16", "ZSTD, FP32"})
  void flippedBitsAreFound(CodecKind kind, ElementType type) {
    try (Stored stored = stored(kind, type)) {
      for (int i = 0; i < ROUNDS; i++) {
        long bit = random.nextLong(8L * stored.bytes.byteSize());
        flip(stored.bytes, bit);
        assertThat(codec.decode(stored.encoding, stored.bytes, target))
            .as("bit %d", bit)
            .isInstanceOf(DecodeOutcome.Corrupt.class);
        flip(stored.bytes, bit);
      }
      assertThat(codec.decode(stored.encoding, stored.bytes, target))
          .isEqualTo(new DecodeOutcome.Decoded());
      assertGuardsStand();
    }
  }

  /** As from someone who can write to the tier's files: the checksum is made to hold. */
  @ParameterizedTest
  @CsvSource({"LZ4, UNDECLARED", "ZSTD, UNDECLARED", "ZSTD, BF16", "ZSTD, FP32"})
  void changedBytesWithAGoodChecksumDoNoDamage(CodecKind kind, ElementType type) {
    int corrupt = 0;
    try (Stored stored = stored(kind, type)) {
      MemorySegment bytes = arena.allocate(stored.bytes.byteSize());
      for (int i = 0; i < ROUNDS; i++) {
        bytes.copyFrom(stored.bytes);
        // Half of them in the lengths and the heads of the compressed planes, where they tell most.
        for (int flips = random.nextInt(1, 9); flips > 0; flips--) {
          flip(bytes, random.nextLong(random.nextBoolean() ? 8 * 64 : 8 * bytes.byteSize()));
        }
        MemorySegment part = bytes.asSlice(0, cut(bytes.byteSize()));
        Encoding lie = Encoding.of(kind, stored.encoding.elementWidth(), RAW_BYTES, part);
        if (codec.decode(lie, part, target) instanceof DecodeOutcome.Corrupt) {
          corrupt++;
        }
        assertGuardsStand();
      }
    }
    assertThat(corrupt).as("found without the checksum").isGreaterThan(ROUNDS / 2);
  }

  @ParameterizedTest
  @CsvSource({"LZ4, 1", "ZSTD, 1", "ZSTD, 2", "ZSTD, 4"})
  void noiseDoesNoDamage(CodecKind kind, int width) {
    MemorySegment room = arena.allocate(5_000);
    for (int i = 0; i < ROUNDS; i++) {
      MemorySegment bytes = room.asSlice(0, random.nextInt(1, 5_000));
      Payloads.fillNoise(bytes, random);
      if (bytes.byteSize() >= 16) {
        // Plane lengths that pass, so that the decompressors are reached.
        bytes.asSlice(0, 16).fill((byte) 0);
        for (int plane = 0; plane < width; plane++) {
          bytes.set(JAVA_BYTE, 4 * plane + 3, (byte) random.nextInt(1, 100));
        }
      }
      assertThat(codec.decode(Encoding.of(kind, width, RAW_BYTES, bytes), bytes, target))
          .isInstanceOf(DecodeOutcome.Corrupt.class);
      assertGuardsStand();
    }
  }

  /** A frame that expands to more than its plane has. */
  @Test
  void aBombDoesNotExpandBeyondTheTarget() {
    MemorySegment zeros = arena.allocate(RAW_BYTES);
    try (Stored bomb = Stored.of(codec, CodecKind.ZSTD, ElementType.UNDECLARED, zeros, slab)) {
      int shorter = RAW_BYTES - 40_000;
      MemorySegment small = target.asSlice(0, shorter);
      target.fill(GUARD);
      Encoding lie = Encoding.of(CodecKind.ZSTD, 1, shorter, bomb.bytes);
      assertThat(codec.decode(lie, bomb.bytes, small)).isInstanceOf(DecodeOutcome.Corrupt.class);
      assertThat(target.asSlice(shorter).mismatch(arena.allocate(40_000).fill(GUARD)))
          .isEqualTo(-1);
      assertGuardsStand();
    }
  }

  @Test
  void missingBytesAreFound() {
    try (Stored stored = stored(CodecKind.ZSTD, ElementType.BF16)) {
      MemorySegment part = stored.bytes.asSlice(0, stored.bytes.byteSize() - 1);
      assertThat(codec.decode(stored.encoding, part, target))
          .isEqualTo(
              new DecodeOutcome.Corrupt(
                  "%d encoded bytes, there were %d"
                      .formatted(part.byteSize(), stored.bytes.byteSize())));
    }
  }

  private Stored stored(CodecKind kind, ElementType type) {
    MemorySegment payload = arena.allocate(RAW_BYTES);
    Payloads.fillNormal(payload, type, random);
    if (kind == CodecKind.LZ4) {
      for (long at = 0; at + 200 <= RAW_BYTES; at += 400) {
        payload.asSlice(at, 200).fill((byte) at);
      }
    }
    return Stored.of(codec, kind, type, payload, slab);
  }

  /** Mostly all of it. */
  private long cut(long length) {
    return random.nextInt(4) == 0 ? random.nextLong(1, length + 1) : length;
  }

  private static void flip(MemorySegment bytes, long bit) {
    long at = bit / 8;
    bytes.set(JAVA_BYTE, at, (byte) (bytes.get(JAVA_BYTE, at) ^ 1 << bit % 8));
  }

  private void assertGuardsStand() {
    for (int i = 0; i < GUARD_BYTES; i++) {
      if (guarded.get(JAVA_BYTE, i) != GUARD
          || guarded.get(JAVA_BYTE, GUARD_BYTES + RAW_BYTES + i) != GUARD) {
        throw new AssertionError("a byte outside the target was written");
      }
    }
  }

  /** What an encoder wrote, in memory that may be changed. */
  private static final class Stored implements AutoCloseable {
    final Encoding encoding;
    final MemorySegment bytes;
    private final Encoded encoded;

    private Stored(Encoded encoded) {
      this.encoded = encoded;
      this.encoding = encoded.encoding();
      this.bytes = encoded.bytes();
    }

    static Stored of(
        PayloadCodec codec, CodecKind kind, ElementType type, MemorySegment payload, Slab slab) {
      return new Stored((Encoded) codec.encode(kind, type, payload, slab::allocate));
    }

    @Override
    public void close() {
      encoded.lease().close();
    }
  }
}
