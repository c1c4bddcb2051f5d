package io.kveik.server.tenant;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.InvalidKeyException;
import java.security.NoSuchAlgorithmException;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * HMAC-SHA256 over fields. Texts go in with their length in front, so that no two sequences of
 * fields give the same input. Not thread-safe; one per computation.
 */
final class KeyedHash {
  private static final String ALGORITHM = "HmacSHA256";

  private final Mac mac;

  private KeyedHash(Mac mac) {
    this.mac = mac;
  }

  static KeyedHash under(byte[] key) {
    try {
      Mac mac = Mac.getInstance(ALGORITHM);
      mac.init(new SecretKeySpec(key, ALGORITHM));
      return new KeyedHash(mac);
    } catch (NoSuchAlgorithmException | InvalidKeyException e) {
      throw new IllegalStateException("every Java platform has " + ALGORITHM, e);
    }
  }

  KeyedHash text(String text) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    mac.update(ByteBuffer.allocate(Integer.BYTES).putInt(0, bytes.length));
    mac.update(bytes);
    return this;
  }

  byte[] digest() {
    return mac.doFinal();
  }
}
