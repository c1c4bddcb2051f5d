package io.kveik.server.codec;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static org.assertj.core.api.Assertions.assertThat;

import io.kveik.server.block.ElementType;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;

/** Encoded bytes from the diagram, not from the code. */
class ChunkDescriptorTest {
  private static final HexFormat HEX = HexFormat.of();

  /** Two planes as they are and a tail of three bytes. */
  @Test
  void planesAsTheyAre() {
    assertThat(
            decoded(
                CodecKind.ZSTD,
                2,
                "00000008" + "00000008" + "a202a404a606a808" + "a101a303a505a707" + "aabbcc",
                19))
        .isEqualTo("0102030405060708" + "a1a2a3a4a5a6a7a8" + "aabbcc");
  }

  /**
   * One plane of 64 zeros as an LZ4 block: a literal 0, a match of 58 at distance 1, 5 literals.
   */
  @Test
  void aPlaneAsAnLz4Block() {
    assertThat(decoded(CodecKind.LZ4, 1, "0000000b" + "1f00010027" + "500000000000" + "0102", 66))
        .isEqualTo("00".repeat(64) + "0102");
  }

  private static String decoded(CodecKind kind, int width, String encoded, int rawBytes) {
    try (Workspace workspace = new Workspace();
        Arena arena = Arena.ofConfined()) {
      MemorySegment bytes =
          arena
              .allocate(encoded.length() / 2)
              .copyFrom(MemorySegment.ofArray(HEX.parseHex(encoded)));
      MemorySegment target = arena.allocate(rawBytes);
      assertThat(
              new ChunkDecoder(workspace, workspace.compressor(kind, ElementType.UNDECLARED), width)
                  .decode(bytes, target))
          .isNull();
      return HEX.formatHex(target.toArray(JAVA_BYTE));
    }
  }
}
