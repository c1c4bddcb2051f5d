package io.kveik.client;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.List;

/**
 * Chained 256-bit ids of token blocks, for engines that have no chained hashes of their own.
 *
 * <p>id = SHA-256(id of the block before, 32 zero bytes for the first | tokens as little-endian
 * u32), so that an id stands for the whole prefix up to and including its block. The server
 * computes the same when a match names tokens. Thread-safe and stateless; about half a microsecond
 * a block.
 */
public final class ChainIds {
  public static final int BYTES = 32;

  /** Tokens by position, each 0 to 4,294,967,295 as an unsigned int. */
  @FunctionalInterface
  public interface Tokens {
    int at(int position);
  }

  private ChainIds() {}

  /**
   * The ids of the whole blocks of a sequence, in order; a tail that fills no block is left out.
   *
   * @param blockTokens tokens of a block, at least 1
   */
  public static List<byte[]> of(Tokens tokens, int count, int blockTokens) {
    if (blockTokens < 1) {
      throw new IllegalArgumentException("blockTokens: " + blockTokens + ", must be 1 or more");
    }
    int blocks = count / blockTokens;
    List<byte[]> ids = new ArrayList<>(blocks);
    MessageDigest sha256 = sha256();
    ByteBuffer input =
        ByteBuffer.allocate(blockTokens * Integer.BYTES).order(ByteOrder.LITTLE_ENDIAN);
    byte[] id = new byte[BYTES];
    for (int block = 0; block < blocks; block++) {
      input.clear();
      for (int i = 0; i < blockTokens; i++) {
        input.putInt(tokens.at(block * blockTokens + i));
      }
      sha256.update(id);
      sha256.update(input.flip());
      id = sha256.digest();
      ids.add(id);
    }
    return ids;
  }

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError("every Java platform has SHA-256", e);
    }
  }
}
