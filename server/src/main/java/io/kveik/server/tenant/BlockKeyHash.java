package io.kveik.server.tenant;

import io.kveik.server.block.BlockId;
import io.kveik.server.block.BlockKey;
import java.nio.ByteBuffer;
import java.security.DigestException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;

/**
 * The keyed hash that makes block keys: SHA-256 over a namespace's secret and what names the block
 * in it.
 *
 * <pre>
 * native  secret 22 | length of the id u8, 16 to 64 | id
 * v1      secret 22 | width u8, 4 or 8 | label of the parent u64 | tokens, each of that width
 * </pre>
 *
 * <p>The byte after the secret tells how long the input is, so none is the beginning of another:
 * for such inputs plain SHA-256 with a secret in front is a pseudorandom function (Bellare,
 * Canetti, Krawczyk, "Pseudorandom functions revisited: the cascade construction", FOCS 1996), and
 * HMAC's second hash is not needed. The secret is as long as it can be for an id of 32 bytes to be
 * one round of SHA-256.
 *
 * <p>One for each thread ({@link #ofThread}); allocates nothing but the key.
 */
final class BlockKeyHash {
  /** 176 bits. */
  static final int SECRET_BYTES = 22;

  private static final String ALGORITHM = "SHA-256";
  private static final long MAX_U32 = 0xFFFF_FFFFL;
  private static final ThreadLocal<BlockKeyHash> OF_THREAD =
      ThreadLocal.withInitial(BlockKeyHash::new);

  private final MessageDigest sha256;
  private final ByteBuffer output = ByteBuffer.allocate(BlockKey.BYTES);
  private ByteBuffer input = ByteBuffer.allocate(SECRET_BYTES + 1 + BlockId.MAX_BYTES);

  private BlockKeyHash() {
    try {
      this.sha256 = MessageDigest.getInstance(ALGORITHM);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has " + ALGORITHM, e);
    }
  }

  /** The calling thread's own. */
  static BlockKeyHash ofThread() {
    return OF_THREAD.get();
  }

  /**
   * The key of a native block.
   *
   * @param secret {@value #SECRET_BYTES} bytes
   */
  BlockKey key(byte[] secret, BlockId id) {
    input.clear().put(secret).put((byte) id.length());
    id.writeTo(input);
    return finish();
  }

  /**
   * The key of a v1 block. Tokens are hashed in four bytes each where all of them fit.
   *
   * @param secret {@value #SECRET_BYTES} bytes
   */
  BlockKey key(byte[] secret, long parentLabel, long[] tokens) {
    long anyBit = 0;
    for (long token : tokens) {
      anyBit |= token;
    }
    boolean narrow = (anyBit & ~MAX_U32) == 0;
    int width = narrow ? Integer.BYTES : Long.BYTES;
    ensure(SECRET_BYTES + 1 + Long.BYTES + tokens.length * width);
    input.clear().put(secret).put((byte) width).putLong(parentLabel);
    if (narrow) {
      for (long token : tokens) {
        input.putInt((int) token);
      }
    } else {
      for (long token : tokens) {
        input.putLong(token);
      }
    }
    return finish();
  }

  private void ensure(int bytes) {
    if (input.capacity() < bytes) {
      input = ByteBuffer.allocate(bytes);
    }
  }

  private BlockKey finish() {
    try {
      sha256.update(input.array(), 0, input.position());
      sha256.digest(output.array(), 0, BlockKey.BYTES);
      return BlockKey.of(output.clear());
    } catch (DigestException e) {
      throw new IllegalStateException(ALGORITHM + " has " + BlockKey.BYTES + " bytes", e);
    }
  }
}
