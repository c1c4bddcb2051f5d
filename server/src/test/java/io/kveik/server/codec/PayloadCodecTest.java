package io.kveik.server.codec;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.kveik.server.block.ElementType;
import io.kveik.server.codec.EncodeOutcome.Encoded;
import io.kveik.server.codec.EncodeOutcome.Skipped;
import io.kveik.server.memory.Lease;
import io.kveik.server.memory.Slab;
import io.kveik.server.tier.TestBlocks;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.SplittableRandom;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

@Timeout(60)
class PayloadCodecTest {
  private static final int MEBIBYTE = 1 << 20;
  private static final byte GUARD = (byte) 0xA5;

  private final SplittableRandom random = new SplittableRandom(TestBlocks.seed("payload codec"));
  private final Slab slab = Slab.anonymous(16 * MEBIBYTE);
  private final PayloadCodec codec = new PayloadCodec(2);
  private final Arena arena = Arena.ofShared();

  @AfterEach
  void nothingIsLeased() {
    codec.close();
    arena.close();
    assertThat(slab.liveLeases()).isZero();
    slab.close();
  }

  /** Lengths around those of a word, of all planes' words, of the sample and of a chunk. */
  @ParameterizedTest
  @EnumSource
  void everyLengthComesBack(ElementType type) {
    IntStream lengths =
        IntStream.concat(
            IntStream.range(1, 200),
            IntStream.of(16 << 10, 128 << 10, 256 << 10, 512 << 10, MEBIBYTE)
                .flatMap(
                    length -> IntStream.of(-33, -8, -1, 0, 1, 7, 31).map(more -> length + more)));
    for (int length : lengths.toArray()) {
      MemorySegment payload = arena.allocate(length);
      Payloads.fillNormal(payload, type, random);
      for (CodecKind kind : CodecKind.values()) {
        switch (codec.encode(kind, type, payload, slab::allocate)) {
          case Encoded encoded -> assertComesBack(encoded, payload);
          case Skipped _ ->
              assertThat(kind == CodecKind.ZSTD && length > 1_000)
                  .as("%s, %d bytes of %s", kind, length, type)
                  .isFalse();
          case EncodeOutcome.NoBuffer _ -> throw new AssertionError("the slab has room");
        }
      }
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"BF16", "FP32"})
  void planesOfADeclaredTypeSaveMoreThanBytes(ElementType type) {
    MemorySegment payload = arena.allocate(MEBIBYTE);
    Payloads.fillNormal(payload, type, random);
    long split = encodedLength(type, payload);
    assertThat(split).isLessThan(encodedLength(ElementType.FP8, payload));
  }

  /** With nothing allocated for it. */
  @Test
  void noiseIsSkippedAfterASample() {
    MemorySegment payload = arena.allocate(MEBIBYTE);
    Payloads.fillNoise(payload, random);
    for (CodecKind kind : new CodecKind[] {CodecKind.LZ4, CodecKind.ZSTD}) {
      assertThat(codec.encode(kind, ElementType.BF16, payload, PayloadCodecTest::unasked))
          .isEqualTo(new Skipped(Skipped.Reason.SAMPLE_SAVES_LITTLE));
    }
  }

  @Test
  void noiseWhereNoSampleIsTakenIsSkippedInTheEnd() {
    MemorySegment payload = arena.allocate(8L * MEBIBYTE);
    Payloads.fillNoise(payload, random);
    long stride = (payload.byteSize() - (16 << 10)) / 3 / (16 << 10) * (16 << 10);
    for (int piece = 0; piece < 4; piece++) {
      payload.asSlice(piece * stride, 16 << 10).fill((byte) 0);
    }
    assertThat(codec.encode(CodecKind.ZSTD, ElementType.BF16, payload, slab::allocate))
        .isEqualTo(new Skipped(Skipped.Reason.SAVES_LITTLE));
  }

  @Test
  void withoutACodecNothingIsAllocated() {
    MemorySegment payload = arena.allocate(MEBIBYTE);
    assertThat(codec.encode(CodecKind.NONE, ElementType.BF16, payload, PayloadCodecTest::unasked))
        .isEqualTo(new Skipped(Skipped.Reason.NO_CODEC));
    MemorySegment target = arena.allocate(MEBIBYTE);
    payload.fill((byte) 3);
    assertThat(codec.decode(Encoding.plain(payload), payload, target))
        .isEqualTo(new DecodeOutcome.Decoded());
    assertThat(target.mismatch(payload)).isEqualTo(-1);
  }

  @Test
  void memoryIsAskedForOnceAndForNineTenths() {
    MemorySegment payload = arena.allocate(MEBIBYTE);
    long[] asked = {0};
    assertThat(
            codec.encode(
                CodecKind.ZSTD,
                ElementType.BF16,
                payload,
                bytes -> {
                  asked[0] += bytes;
                  return null;
                }))
        .isEqualTo(new EncodeOutcome.NoBuffer());
    assertThat(asked[0]).isEqualTo(MEBIBYTE * 9L / 10);
  }

  @Test
  void heapMemoryAndWrongLengthsAreRefused() {
    MemorySegment heap = MemorySegment.ofArray(new byte[1000]);
    MemorySegment payload = arena.allocate(1000);
    Encoding encoding = Encoding.plain(payload);
    assertThatThrownBy(() -> codec.encode(CodecKind.LZ4, ElementType.BF16, heap, slab::allocate))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("payload: ");
    assertThatThrownBy(() -> codec.decode(encoding, payload, heap))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("target: ");
    assertThatThrownBy(() -> codec.decode(encoding, heap, payload))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("encoded: ");
    assertThatThrownBy(() -> codec.decode(encoding, payload, arena.allocate(999)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("target: 999 bytes, the payload has 1000");
  }

  /** Four threads share two workspaces. */
  @Test
  void manyThreadsAtATime() throws Exception {
    MemorySegment payload = arena.allocate(MEBIBYTE);
    Payloads.fillNormal(payload, ElementType.BF16, random);
    try (ExecutorService threads = Executors.newFixedThreadPool(4)) {
      for (Future<?> run :
          IntStream.range(0, 4)
              .mapToObj(_ -> threads.submit(() -> encodeAndBack(payload)))
              .toList()) {
        run.get();
      }
    }
  }

  @Test
  void aClosedCodecRefuses() {
    MemorySegment payload = arena.allocate(1000);
    codec.close();
    assertThatThrownBy(() -> codec.encode(CodecKind.LZ4, ElementType.BF16, payload, slab::allocate))
        .isInstanceOf(IllegalStateException.class);
  }

  private void encodeAndBack(MemorySegment payload) {
    for (int i = 0; i < 10; i++) {
      assertComesBack(
          (Encoded) codec.encode(CodecKind.ZSTD, ElementType.BF16, payload, slab::allocate),
          payload);
    }
  }

  private long encodedLength(ElementType type, MemorySegment payload) {
    return switch (codec.encode(CodecKind.ZSTD, type, payload, slab::allocate)) {
      case Encoded encoded -> {
        encoded.lease().close();
        yield encoded.encoding().encodedLength();
      }
      case Skipped _, EncodeOutcome.NoBuffer _ -> payload.byteSize();
    };
  }

  /** Into the middle of guarded memory, from bytes with others behind them; closes it. */
  private void assertComesBack(Encoded encoded, MemorySegment payload) {
    long length = payload.byteSize();
    try (Arena call = Arena.ofConfined()) {
      MemorySegment guarded = call.allocate(length + 128).fill(GUARD);
      assertThat(
              codec.decode(
                  encoded.encoding(), encoded.lease().segment(), guarded.asSlice(64, length)))
          .as("%s", encoded.encoding())
          .isEqualTo(new DecodeOutcome.Decoded());
      assertThat(guarded.asSlice(64, length).mismatch(payload)).isEqualTo(-1);
      assertThat(encoded.bytes().byteSize()).isLessThanOrEqualTo(length * 9 / 10);
      for (int i = 0; i < 64; i++) {
        assertThat(guarded.get(JAVA_BYTE, i)).isEqualTo(GUARD);
        assertThat(guarded.get(JAVA_BYTE, 64 + length + i)).isEqualTo(GUARD);
      }
    } finally {
      encoded.lease().close();
    }
  }

  private static Lease unasked(long bytes) {
    throw new AssertionError("asked for %d bytes".formatted(bytes));
  }
}
