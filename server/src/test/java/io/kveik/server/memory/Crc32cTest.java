package io.kveik.server.memory;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.foreign.MemorySegment;
import java.util.Random;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.Test;

class Crc32cTest {

  @Test
  void knownValues() {
    assertThat(Crc32c.of(MemorySegment.ofArray(new byte[0]))).isZero();
    assertThat(Crc32c.of(MemorySegment.ofArray("123456789".getBytes(US_ASCII))))
        .isEqualTo(0xE3069283);
    assertThat(Crc32c.of(MemorySegment.ofArray(new byte[32]))).isEqualTo(0x8A9136AA);
  }

  @Test
  void offHeapPartsInPiecesAgreeWithTheWhole() {
    byte[] bytes = new byte[100_000];
    new Random(5).nextBytes(bytes);
    CRC32C expected = new CRC32C();
    expected.update(bytes, 17, 90_000);
    try (Slab slab = Slab.anonymous(1 << 18);
        Lease lease = requireNonNull(slab.allocate(bytes.length))) {
      MemorySegment segment = lease.segment().copyFrom(MemorySegment.ofArray(bytes));
      assertThat(Crc32c.of(segment, 17, 90_000)).isEqualTo((int) expected.getValue());
      Crc32c inPieces = new Crc32c();
      for (int at = 17; at < 90_017; at += 9_000) {
        inPieces.update(segment, at, 9_000);
      }
      assertThat(inPieces.value()).isEqualTo((int) expected.getValue());
    }
  }

  @Test
  void partOutsideTheSegmentIsRefused() {
    MemorySegment segment = MemorySegment.ofArray(new byte[10]);
    assertThatThrownBy(() -> Crc32c.of(segment, 5, 6))
        .isInstanceOf(IndexOutOfBoundsException.class);
    assertThatThrownBy(() -> Crc32c.of(segment, -1, 2))
        .isInstanceOf(IndexOutOfBoundsException.class);
    assertThatThrownBy(() -> Crc32c.of(segment, 1, -1))
        .isInstanceOf(IndexOutOfBoundsException.class);
  }
}
