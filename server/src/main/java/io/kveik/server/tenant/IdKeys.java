package io.kveik.server.tenant;

import io.kveik.server.block.BlockId;
import io.kveik.server.block.BlockKey;
import io.kveik.server.block.Fingerprint;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;

/**
 * Native keys: a block is its namespace and the engine's chained hash of it.
 *
 * <p>key = HMAC-SHA256(tenant key, 0 u8 | fingerprint 32 | 31 zero bytes | id). The leading byte
 * keeps this input apart from that of v1's keys, which begins with a width. What comes before the
 * id fills one block of SHA-256, so the states after it, and after the outer pad, are computed once
 * for a namespace: a key then takes two rounds of SHA-256 instead of five (RFC 2104, section 4).
 * Immutable, any thread.
 */
final class IdKeys {
  private static final String ALGORITHM = "SHA-256";
  private static final int HASH_BLOCK_BYTES = 64;
  private static final byte INNER_PAD = 0x36;
  private static final byte OUTER_PAD = 0x5c;
  private static final byte KIND = 0;

  private final MessageDigest inner;
  private final MessageDigest outer;

  /**
   * @param tenantKey at most 64 bytes
   */
  IdKeys(byte[] tenantKey, Fingerprint namespace) {
    this.inner = padded(tenantKey, INNER_PAD);
    this.outer = padded(tenantKey, OUTER_PAD);
    ByteBuffer prefix = ByteBuffer.allocate(HASH_BLOCK_BYTES).put(KIND);
    namespace.writeTo(prefix);
    inner.update(prefix.array());
  }

  BlockKey key(BlockId id) {
    MessageDigest hash = copyOf(inner);
    id.update(hash);
    byte[] innerHash = hash.digest();
    MessageDigest last = copyOf(outer);
    last.update(innerHash);
    return BlockKey.of(last.digest());
  }

  private static MessageDigest padded(byte[] key, byte pad) {
    if (key.length > HASH_BLOCK_BYTES) {
      throw new IllegalArgumentException(
          "tenant key: %d bytes, at most %d".formatted(key.length, HASH_BLOCK_BYTES));
    }
    byte[] block = new byte[HASH_BLOCK_BYTES];
    for (int i = 0; i < block.length; i++) {
      block[i] = (byte) ((i < key.length ? key[i] : 0) ^ pad);
    }
    try {
      MessageDigest digest = MessageDigest.getInstance(ALGORITHM);
      digest.update(block);
      return digest;
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has " + ALGORITHM, e);
    }
  }

  private static MessageDigest copyOf(MessageDigest digest) {
    try {
      return (MessageDigest) digest.clone();
    } catch (CloneNotSupportedException e) {
      throw new IllegalStateException("the platform's SHA-256 can be cloned", e);
    }
  }
}
