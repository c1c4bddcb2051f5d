package io.kveik.server.demo;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.Test;

/** The KV is the same for the same block, another for any other, and one flipped bit is seen. */
final class KvPayloadTest {
  private static final int BYTES = 4_099;
  private static final long PIN = 2_993_480_846L;

  private final KvPayload payload = new KvPayload("hearth");
  private final MemorySegment scratch = MemorySegment.ofArray(new byte[BYTES]);

  @Test
  void sameBlockSameBytes() {
    assertThat(payloadOf("hearth", 7)).isEqualTo(payloadOf("hearth", 7));
    CRC32C checksum = new CRC32C();
    checksum.update(payloadOf("hearth", 7));
    assertThat(checksum.getValue()).as("pinned: kept directories outlive versions").isEqualTo(PIN);
  }

  @Test
  void otherTenantOrLabelOtherBytes() {
    assertThat(payloadOf("hearth", 7))
        .isNotEqualTo(payloadOf("ladle", 7))
        .isNotEqualTo(payloadOf("hearth", 8));
  }

  @Test
  void readsAsBf16NumbersOfModerateSize() {
    MemorySegment bytes = MemorySegment.ofArray(payloadOf("hearth", 7));
    for (long i = 0; i < BYTES / 2; i++) {
      short bf16 = bytes.get(ValueLayout.JAVA_SHORT_UNALIGNED, 2 * i);
      float value = Float.intBitsToFloat(bf16 << 16);
      assertThat(Math.abs(value)).isBetween(1f / 128, 2f);
    }
  }

  @Test
  void rightBytesHaveNoWrongOnes() {
    assertThat(payload.wrongBytes(MemorySegment.ofArray(payloadOf("hearth", 7)), 7, scratch))
        .isZero();
  }

  @Test
  void everyFlippedBitIsFound() {
    byte[] restored = payloadOf("hearth", 7);
    for (int at : new int[] {0, 1, 4_095, BYTES - 1}) {
      restored[at] ^= 0x10;
      assertThat(payload.wrongBytes(MemorySegment.ofArray(restored), 7, scratch)).isEqualTo(1);
      restored[at] ^= 0x10;
    }
  }

  @Test
  void missingBytesAreWrong() {
    MemorySegment half = MemorySegment.ofArray(payloadOf("hearth", 7)).asSlice(0, BYTES / 2);
    assertThat(payload.wrongBytes(half, 7, scratch)).isEqualTo(BYTES - BYTES / 2);
  }

  @Test
  void anotherTenantsBlockIsWrong() {
    MemorySegment theirs = MemorySegment.ofArray(payloadOf("ladle", 7));
    assertThat(payload.wrongBytes(theirs, 7, scratch)).isGreaterThan(BYTES / 2);
  }

  private static byte[] payloadOf(String tenant, long label) {
    byte[] bytes = new byte[BYTES];
    new KvPayload(tenant).fill(MemorySegment.ofArray(bytes), label);
    return bytes;
  }
}
