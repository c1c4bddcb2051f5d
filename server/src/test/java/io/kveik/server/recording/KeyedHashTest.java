package io.kveik.server.recording;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.junit.jupiter.api.Test;

class KeyedHashTest {
  /** The key 00 01 .. 0f and inputs 00 01 .. of the reference implementation's test vectors. */
  @Test
  void agreesWithTheReferenceVectors() {
    KeyedHash hash = new KeyedHash(new KeyedHash.Key(word(0), word(8)));
    assertThat(hash.finish()).isEqualTo(0x726FDB47DD0E0E31L);
    hash.accept(word(0));
    assertThat(hash.finish()).isEqualTo(0x93F5F5799A932462L);
    hash.accept(word(0));
    hash.accept(word(8));
    assertThat(hash.finish()).isEqualTo(0x3F2ACC7F57C29BDBL);
  }

  private static long word(int first) {
    ByteBuffer bytes = ByteBuffer.allocate(Long.BYTES).order(ByteOrder.LITTLE_ENDIAN);
    for (int i = 0; i < Long.BYTES; i++) {
      bytes.put((byte) (first + i));
    }
    return bytes.getLong(0);
  }
}
