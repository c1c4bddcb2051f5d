package io.kveik.server.tenant;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.kveik.server.block.BlockId;
import io.kveik.server.block.BlockKey;
import io.kveik.server.block.Fingerprint;
import java.nio.ByteBuffer;
import java.util.SplittableRandom;
import javax.crypto.Mac;
import org.junit.jupiter.api.Test;

/** The shortcut gives what the platform's HMAC gives. */
class IdKeysTest {
  @Test
  void areThePlatformsHmac() {
    SplittableRandom random = new SplittableRandom(7);
    for (int idBytes = BlockId.MIN_BYTES; idBytes <= BlockId.MAX_BYTES; idBytes++) {
      byte[] tenantKey = bytes(random, 32);
      byte[] fingerprint = bytes(random, 32);
      byte[] id = bytes(random, idBytes);
      Mac mac = KeyedHash.mac(tenantKey);
      mac.update(ByteBuffer.allocate(64).put((byte) 0).put(fingerprint).array());
      BlockKey expected = BlockKey.of(mac.doFinal(id));

      IdKeys keys = new IdKeys(tenantKey, Fingerprint.of(fingerprint));

      assertThat(keys.key(BlockId.transfer(id))).isEqualTo(expected);
      assertThat(keys.key(BlockId.transfer(id))).isEqualTo(expected);
    }
  }

  @Test
  void aKeyThatWouldHaveToBeHashedFirstIsRefused() {
    assertThatThrownBy(() -> new IdKeys(new byte[65], Fingerprint.of(new byte[32])))
        .hasMessage("tenant key: 65 bytes, at most 64");
  }

  private static byte[] bytes(SplittableRandom random, int count) {
    byte[] bytes = new byte[count];
    random.nextBytes(bytes);
    return bytes;
  }
}
