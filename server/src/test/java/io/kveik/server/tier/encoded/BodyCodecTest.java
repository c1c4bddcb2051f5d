package io.kveik.server.tier.encoded;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static org.assertj.core.api.Assertions.assertThat;

import io.kveik.server.block.ElementType;
import io.kveik.server.codec.CodecKind;
import io.kveik.server.codec.CodecOptions;
import io.kveik.server.codec.Encoding;
import io.kveik.server.memory.Slab;
import io.kveik.server.tier.CodecTotals;
import io.kveik.server.tier.StoredBlock;
import io.kveik.server.tier.TestBlocks;
import java.util.Objects;
import java.util.SplittableRandom;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What a tier stores for a block, and the block of that again. */
class BodyCodecTest {
  private static final int PAYLOAD = 300_001;
  private static final int ATTRIBUTES = 77;

  /** Of {@link TestBlocks}: its payload compresses, and those of the next four. */
  private static final long COMPRESSIBLE = ElementType.values().length;

  private final Slab buffers = Slab.anonymous(8 << 20);

  @AfterEach
  void noLeaseIsLeft() {
    assertThat(buffers.liveLeases()).isZero();
    buffers.close();
  }

  private StoredBlock block(long number) {
    return TestBlocks.block(buffers::allocate, number, 1, PAYLOAD, ATTRIBUTES);
  }

  @ParameterizedTest
  @EnumSource(ElementType.class)
  void payloadsOfEachTypeComeBackWhole(ElementType type) {
    long number = COMPRESSIBLE + type.code();
    BodyCodec codec = new BodyCodec(CodecOptions.of(CodecKind.ZSTD));
    try (StoredBlock block = block(number);
        EncodedBody body = codec.encode(block)) {
      assertThat(block.header().elementType()).isEqualTo(type);
      Encoding encoding = Objects.requireNonNull(body.encoding());
      assertThat(body.bytes().byteSize()).isEqualTo(encoding.encodedLength() + ATTRIBUTES);
      assertThat(body.bytes().asSlice(encoding.encodedLength()).mismatch(block.attributes()))
          .isEqualTo(-1);
      assertWhole(codec.decode(block.header(), encoding, body.bytes(), buffers::allocate), number);
      codec.stored(block.header(), body);
      assertThat(codec.totals()).isEqualTo(new CodecTotals(PAYLOAD, encoding.encodedLength(), 0));
    }
    assertThat(codec.liveBodies()).isZero();
    codec.close();
  }

  @ParameterizedTest
  @EnumSource(CodecKind.class)
  void noiseIsStoredAsItIs(CodecKind kind) {
    BodyCodec codec = new BodyCodec(CodecOptions.of(kind));
    for (long number = 0; number < ElementType.values().length; number++) {
      try (StoredBlock block = block(number);
          EncodedBody body = codec.encode(block)) {
        assertThat(body.encoding()).isNull();
        assertThat(body.bytes().address()).isEqualTo(block.body().address());
        codec.stored(block.header(), body);
      }
    }
    assertThat(codec.totals().payloadBytes()).isEqualTo((long) PAYLOAD * 5);
    assertThat(codec.totals().savedBytes()).isZero();
    assertThat(codec.totals().withoutScratch()).isZero();
    codec.close();
  }

  @Test
  void withoutACodecEncodedBodiesAreDecoded() {
    BodyCodec zstd = new BodyCodec(CodecOptions.of(CodecKind.ZSTD));
    BodyCodec none = new BodyCodec(CodecOptions.of(CodecKind.NONE));
    try (StoredBlock block = block(COMPRESSIBLE);
        EncodedBody body = zstd.encode(block);
        EncodedBody plain = none.encode(block)) {
      Encoding encoding = Objects.requireNonNull(body.encoding());
      assertThat(plain.encoding()).isNull();
      assertWhole(
          none.decode(block.header(), encoding, body.bytes(), buffers::allocate), COMPRESSIBLE);
    }
    zstd.close();
    none.close();
  }

  @Test
  void withoutScratchMemoryAPayloadIsStoredAsItIs() {
    BodyCodec codec = new BodyCodec(new CodecOptions(CodecKind.ZSTD, 1, 1 << 20));
    try (StoredBlock small = block(COMPRESSIBLE);
        StoredBlock large =
            TestBlocks.block(buffers::allocate, COMPRESSIBLE, 1, 2 << 20, ATTRIBUTES);
        EncodedBody first = codec.encode(small);
        EncodedBody tooLarge = codec.encode(large)) {
      assertThat(first.encoding()).isNotNull();
      assertThat(tooLarge.encoding()).isNull();
      try (EncodedBody second = codec.encode(small);
          EncodedBody third = codec.encode(small);
          EncodedBody fourth = codec.encode(small)) {
        assertThat(second.encoding()).isNotNull();
        assertThat(third.encoding()).isNotNull();
        assertThat(fourth.encoding()).isNull();
      }
    }
    assertThat(codec.totals().withoutScratch()).isEqualTo(2);
    assertThat(codec.liveBodies()).isZero();
    codec.close();
  }

  @Test
  void damageIsToldAndNothingIsLeased() {
    SplittableRandom random = new SplittableRandom(TestBlocks.seed("damaged bodies"));
    BodyCodec codec = new BodyCodec(CodecOptions.of(CodecKind.ZSTD));
    try (StoredBlock block = block(COMPRESSIBLE + 1);
        EncodedBody body = codec.encode(block)) {
      Encoding encoding = Objects.requireNonNull(body.encoding());
      for (int i = 0; i < 500; i++) {
        long at = random.nextLong(body.bytes().byteSize());
        byte was = body.bytes().get(JAVA_BYTE, at);
        body.bytes().set(JAVA_BYTE, at, (byte) (was ^ 1 << random.nextInt(Byte.SIZE)));
        assertThat(codec.decode(block.header(), encoding, body.bytes(), buffers::allocate))
            .isInstanceOf(DecodedBody.Damaged.class);
        body.bytes().set(JAVA_BYTE, at, was);
      }
      assertThat(buffers.liveLeases()).isEqualTo(1);
      assertThat(codec.decode(block.header(), encoding, body.bytes(), _ -> null))
          .isEqualTo(new DecodedBody.NoBuffer());
    }
    codec.close();
  }

  /** Encoded bytes that are sound, of another block than the header's. */
  @Test
  void thePayloadsOwnChecksumIsTheLastWord() {
    BodyCodec codec = new BodyCodec(CodecOptions.of(CodecKind.LZ4));
    try (StoredBlock block = block(COMPRESSIBLE);
        StoredBlock other = block(3 * COMPRESSIBLE);
        EncodedBody body = codec.encode(other)) {
      Encoding encoding = Objects.requireNonNull(body.encoding());
      assertThat(codec.decode(block.header(), encoding, body.bytes(), buffers::allocate))
          .isEqualTo(new DecodedBody.Damaged("payload fails its checksum"));
    }
    codec.close();
  }

  @Test
  void aClosedOneEncodesAndDecodesNothing() {
    BodyCodec codec = new BodyCodec(CodecOptions.of(CodecKind.ZSTD));
    try (StoredBlock block = block(COMPRESSIBLE);
        EncodedBody open = codec.encode(block)) {
      Encoding encoding = Objects.requireNonNull(open.encoding());
      codec.close();
      codec.close();
      try (EncodedBody late = codec.encode(block)) {
        assertThat(late.encoding()).isNull();
      }
      assertThat(codec.decode(block.header(), encoding, open.bytes(), buffers::allocate))
          .isEqualTo(new DecodedBody.NoBuffer());
      // What was encoded before can still be sent.
      assertThat(encoding.describes(open.bytes())).isTrue();
    }
    assertThat(codec.liveBodies()).isZero();
  }

  private static void assertWhole(DecodedBody outcome, long number) {
    assertThat(outcome).isInstanceOf(DecodedBody.Whole.class);
    try (StoredBlock block = ((DecodedBody.Whole) outcome).block()) {
      TestBlocks.assertIntact(block, number);
    }
  }
}
