package io.kveik.server.codec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class EncodingDescriptorTest {
  private static final Encoding ENCODING =
      new Encoding(CodecKind.ZSTD, 2, 0x0012C000, 0x000D0001, 0xA1A2A3A4);

  /** From the diagram, not from the code. */
  private static final String KNOWN = "010202000012c000000d0001a1a2a3a4";

  @Test
  void knownAnswer() {
    assertThat(HexFormat.of().formatHex(bytes(ENCODING))).isEqualTo(KNOWN);
    assertThat(decoded(KNOWN)).contains(ENCODING);
  }

  @ParameterizedTest
  @CsvSource({
    "another version,        020202000012c000000d0001a1a2a3a4",
    "an unknown codec,       010302000012c000000d0001a1a2a3a4",
    "a width of 3,           010203000012c000000d0001a1a2a3a4",
    "a width of 0,           010200000012c000000d0001a1a2a3a4",
    "planes without zstd,    010102000012c000000d0001a1a2a3a4",
    "a reserved bit,         010202010012c000000d0001a1a2a3a4",
    "no raw bytes,           010202000000000000000001a1a2a3a4",
    "too many raw bytes,     0102020040000001000d0001a1a2a3a4",
    "negative raw bytes,     01020200f0000001000d0001a1a2a3a4",
    "no encoded bytes,       010202000012c00000000000a1a2a3a4",
    "as many encoded as raw, 010202000012c0000012c000a1a2a3a4",
    "fewer without a codec,  010001000012c000000d0001a1a2a3a4",
    "15 bytes,               010202000012c000000d0001a1a2a3",
  })
  void whatCantBeIsRejected(String what, String hex) {
    assertThat(decoded(hex)).as(what).isEmpty();
  }

  @Test
  void readsAtThePositionAndLeavesTheBufferAlone() {
    ByteBuffer buffer = ByteBuffer.allocate(3 + EncodingDescriptor.LENGTH);
    buffer.put(3, bytes(ENCODING)).position(3);
    assertThat(EncodingDescriptor.decode(buffer)).contains(ENCODING);
    assertThat(buffer.position()).isEqualTo(3);
  }

  /** A bit of the bytes or of any field of the descriptor. */
  @Test
  void everyFlippedBitIsFoundByTheChecksum() {
    byte[] payload = "what a tier stores as it is".getBytes(StandardCharsets.UTF_8);
    Encoding encoding = Encoding.plain(MemorySegment.ofArray(payload));
    assertThat(encoding.describes(MemorySegment.ofArray(payload))).isTrue();
    byte[] stored = new byte[EncodingDescriptor.LENGTH + payload.length];
    EncodingDescriptor.encode(encoding).get(stored, 0, EncodingDescriptor.LENGTH);
    System.arraycopy(payload, 0, stored, EncodingDescriptor.LENGTH, payload.length);
    for (int bit = 0; bit < 8 * stored.length; bit++) {
      stored[bit / 8] ^= (byte) (1 << bit % 8);
      MemorySegment bytes =
          MemorySegment.ofArray(stored).asSlice(EncodingDescriptor.LENGTH, payload.length);
      assertThat(
              EncodingDescriptor.decode(ByteBuffer.wrap(stored))
                  .filter(read -> read.describes(bytes)))
          .as("bit %d", bit)
          .isEmpty();
      stored[bit / 8] ^= (byte) (1 << bit % 8);
    }
  }

  @Test
  void anImpossibleEncodingCantBeMade() {
    assertThatThrownBy(() -> new Encoding(CodecKind.LZ4, 1, 100, 100, 0))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("encodedLength=100");
  }

  @ParameterizedTest
  @ValueSource(strings = {"none", "lz4", "zstd"})
  void codecsHaveNamesAndCodes(String key) {
    CodecKind kind = CodecKind.of(key);
    assertThat(kind.key()).isEqualTo(key);
    assertThat(CodecKind.ofCode(kind.code())).contains(kind);
  }

  @Test
  void anUnknownCodecIsRefusedWithThoseThatThereAre() {
    assertThatThrownBy(() -> CodecKind.of("gzip"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("codec: \"gzip\", must be one of none, lz4, zstd");
    assertThat(CodecKind.ofCode(3)).isEmpty();
  }

  private static Optional<Encoding> decoded(String hex) {
    return EncodingDescriptor.decode(ByteBuffer.wrap(HexFormat.of().parseHex(hex)));
  }

  private static byte[] bytes(Encoding encoding) {
    byte[] bytes = new byte[EncodingDescriptor.LENGTH];
    EncodingDescriptor.encode(encoding).get(bytes);
    return bytes;
  }
}
