package io.kveik.server.block;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.util.HexFormat;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class BlockHeaderDescriptorTest {
  /** Every field another value, so that no two can be mixed up unnoticed. */
  private static final BlockHeader HEADER =
      new BlockHeader(
          new BlockKey(
              0x0102030405060708L, 0x1112131415161718L, 0x2122232425262728L, 0x3132333435363738L),
          new Fingerprint(
              0x4142434445464748L, 0x5152535455565758L, 0x6162636465666768L, 0x7172737475767778L),
          0x8182838485868788L,
          0x9192939495969798L,
          7,
          128,
          0x00000140,
          0x0012C000,
          0xA1A2A3A4,
          0xB1B2B3B4,
          1_790_000_000_000L,
          1_790_000_600_000L,
          2,
          ElementType.FP8,
          TtlKind.FIRST_USE);

  /** From the diagram, not from the code; the checksum by a bitwise CRC32C. */
  private static final String KNOWN =
      "4b564b4200010000"
          + "0102030405060708111213141516171821222324252627283132333435363738"
          + "4142434445464748515253545556575861626364656667687172737475767778"
          + "81828384858687889192939495969798"
          + "000001a0c4506c00000001a0c45993c0"
          + "0000008000000002"
          + "000001400012c000"
          + "a1a2a3a4b1b2b3b4"
          + "00000007"
          + "0402"
          + "00000000000000000000000000000000000000000000"
          + "cbe3565c";

  @Test
  void knownAnswer() {
    assertThat(HexFormat.of().formatHex(bytes(HEADER))).isEqualTo(KNOWN);
    assertThat(BlockHeaderDescriptor.decode(ByteBuffer.wrap(HexFormat.of().parseHex(KNOWN))))
        .contains(HEADER);
  }

  /** As written before there were an element type and a TTL kind: zero, like all of the reserve. */
  @Test
  void olderHeadersAreUndeclaredAndAbsolute() {
    byte[] older = HexFormat.of().parseHex(KNOWN);
    older[132] = 0;
    older[133] = 0;
    ByteBuffer.wrap(older).putInt(156, 0xc2a351f6);
    assertThat(BlockHeaderDescriptor.decode(ByteBuffer.wrap(older)))
        .get()
        .returns(ElementType.UNDECLARED, BlockHeader::elementType)
        .returns(TtlKind.ABSOLUTE, BlockHeader::ttlKind)
        .returns(HEADER.payloadCrc32c(), BlockHeader::payloadCrc32c);
  }

  @Test
  void roundTripOfRandomHeaders() {
    SplittableRandom random = new SplittableRandom(1);
    for (int i = 0; i < 10_000; i++) {
      BlockHeader header =
          new BlockHeader(
              new BlockKey(
                  random.nextLong(), random.nextLong(), random.nextLong(), random.nextLong()),
              new Fingerprint(
                  random.nextLong(), random.nextLong(), random.nextLong(), random.nextLong()),
              random.nextLong(),
              random.nextLong(),
              random.nextInt() >>> 1,
              random.nextInt() >>> 1,
              random.nextInt() >>> 1,
              random.nextInt() >>> 1,
              random.nextInt(),
              random.nextInt(),
              random.nextLong(),
              random.nextLong(),
              random.nextInt(BlockHeader.MAX_PRIORITY + 1),
              ElementType.ofCode(random.nextInt(ElementType.values().length)),
              TtlKind.ofCode(random.nextInt(TtlKind.values().length)));
      assertThat(BlockHeaderDescriptor.decode(BlockHeaderDescriptor.encode(header)))
          .contains(header);
    }
  }

  @Test
  void everyFlippedBitIsRejected() {
    byte[] bytes = bytes(HEADER);
    for (int bit = 0; bit < 8 * BlockHeaderDescriptor.LENGTH; bit++) {
      bytes[bit / 8] ^= (byte) (1 << (bit % 8));
      assertThat(BlockHeaderDescriptor.decode(ByteBuffer.wrap(bytes))).as("bit %d", bit).isEmpty();
      bytes[bit / 8] ^= (byte) (1 << (bit % 8));
    }
    assertThat(BlockHeaderDescriptor.decode(ByteBuffer.wrap(bytes))).contains(HEADER);
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 159})
  void tooFewBytesAreRejected(int length) {
    assertThat(BlockHeaderDescriptor.decode(ByteBuffer.wrap(bytes(HEADER), 0, length))).isEmpty();
  }

  @Test
  void readsAtThePositionAndLeavesTheBufferAlone() {
    ByteBuffer buffer = ByteBuffer.allocate(5 + BlockHeaderDescriptor.LENGTH + 3);
    buffer.put(5, bytes(HEADER)).position(5);
    assertThat(BlockHeaderDescriptor.decode(buffer)).contains(HEADER);
    assertThat(buffer.position()).isEqualTo(5);
  }

  @Test
  void impossibleFieldsAreRejectedThoughTheChecksumHolds() {
    assertThat(decoded(-1, 128, 0, 1, 0)).isFalse();
    assertThat(decoded(0, -1, 0, 1, 0)).isFalse();
    assertThat(decoded(0, 128, -1, 1, 0)).isFalse();
    assertThat(decoded(0, 128, 0, -1, 0)).isFalse();
    assertThat(decoded(0, 128, 0, 1, -1)).isFalse();
    assertThat(decoded(0, 128, 0, 1, BlockHeader.MAX_PRIORITY + 1)).isFalse();
    assertThat(decoded(0, 128, 0, 1, BlockHeader.MAX_PRIORITY)).isTrue();
  }

  private static boolean decoded(
      int depth, int tokens, int attributesLength, int payloadLength, int priority) {
    BlockHeader header =
        new BlockHeader(
            HEADER.key(),
            HEADER.namespace(),
            1,
            0,
            depth,
            tokens,
            attributesLength,
            payloadLength,
            0,
            0,
            0,
            0,
            priority);
    return BlockHeaderDescriptor.decode(BlockHeaderDescriptor.encode(header)).isPresent();
  }

  private static byte[] bytes(BlockHeader header) {
    byte[] bytes = new byte[BlockHeaderDescriptor.LENGTH];
    BlockHeaderDescriptor.encode(header).get(bytes);
    return bytes;
  }
}
