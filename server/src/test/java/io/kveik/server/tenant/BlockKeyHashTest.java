package io.kveik.server.tenant;

import static org.assertj.core.api.Assertions.assertThat;

import io.kveik.server.block.BlockId;
import io.kveik.server.block.BlockKey;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.util.SplittableRandom;
import java.util.function.LongUnaryOperator;
import org.junit.jupiter.api.Test;

/** Keys are what docs/formats.md says, whatever was hashed on the thread before. */
class BlockKeyHashTest {
  private static final long SEED = 7;
  private static final long PARENT = -12;

  private final SplittableRandom random = new SplittableRandom(SEED);
  private final byte[] secret = bytes(BlockKeyHash.SECRET_BYTES);

  @Test
  void idsOfAllLengthsAreHashedBehindTheirLength() throws Exception {
    for (int length = BlockId.MIN_BYTES; length <= BlockId.MAX_BYTES; length++) {
      byte[] id = bytes(length);
      assertThat(BlockKeyHash.ofThread().key(secret, BlockId.transfer(id.clone())))
          .isEqualTo(sha256(ByteBuffer.allocate(200).put(secret).put((byte) length).put(id)));
    }
  }

  @Test
  void tokensTakeFourBytesWhereAllOfThemFit() throws Exception {
    long[] tokens = tokens(i -> i == 3 ? 0xFFFF_FFFFL : i);
    ByteBuffer input = ByteBuffer.allocate(2_000).put(secret).put((byte) 4).putLong(PARENT);
    for (long token : tokens) {
      input.putInt((int) token);
    }
    assertThat(BlockKeyHash.ofThread().key(secret, PARENT, tokens)).isEqualTo(sha256(input));
  }

  @Test
  void tokensTakeEightBytesWhereOneDoesNotFit() throws Exception {
    for (long wide : new long[] {1L << 32, -1, Long.MIN_VALUE}) {
      long[] tokens = tokens(i -> i == 127 ? wide : i);
      ByteBuffer input = ByteBuffer.allocate(2_000).put(secret).put((byte) 8).putLong(PARENT);
      for (long token : tokens) {
        input.putLong(token);
      }
      assertThat(BlockKeyHash.ofThread().key(secret, PARENT, tokens)).isEqualTo(sha256(input));
    }
  }

  @Test
  void anotherSecretGivesOtherKeys() {
    BlockId id = BlockId.transfer(bytes(32));
    assertThat(BlockKeyHash.ofThread().key(bytes(BlockKeyHash.SECRET_BYTES), id))
        .isNotEqualTo(BlockKeyHash.ofThread().key(secret, id));
  }

  private byte[] bytes(int count) {
    byte[] bytes = new byte[count];
    random.nextBytes(bytes);
    return bytes;
  }

  private static long[] tokens(LongUnaryOperator token) {
    long[] tokens = new long[128];
    for (int i = 0; i < tokens.length; i++) {
      tokens[i] = token.applyAsLong(i);
    }
    return tokens;
  }

  private static BlockKey sha256(ByteBuffer input) throws Exception {
    MessageDigest digest = MessageDigest.getInstance("SHA-256");
    digest.update(input.flip());
    return BlockKey.of(digest.digest());
  }
}
