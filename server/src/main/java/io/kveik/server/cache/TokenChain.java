package io.kveik.server.cache;

import io.kveik.server.block.BlockKey;
import io.kveik.server.block.Fingerprint;
import java.nio.ByteBuffer;
import java.util.function.LongConsumer;
import javax.crypto.Mac;

/**
 * v1 keys: a block is its namespace, the label its parent bears and its own 128 tokens.
 *
 * <p>key = HMAC-SHA256(tenant key, width u8 | fingerprint 32 | parent label u64 | tokens), tokens
 * as u32 where all of them fit (half the bytes to hash) and as i64 else; the width says which, so
 * no two blocks share an input. About 0.5 µs a block. Not thread-safe; one per request.
 */
public final class TokenChain implements Chain {
  public static final int BLOCK_TOKENS = 128;
  private static final int HEAD = 1 + Fingerprint.BYTES + Long.BYTES;
  private static final long MAX_U32 = 0xFFFF_FFFFL;

  /** Tokens by position: keeps the wire's own list from being copied. */
  @FunctionalInterface
  public interface Tokens {
    long at(int position);
  }

  private final Mac mac;
  private final Tokens tokens;
  private final int blocks;
  private final ByteBuffer input = ByteBuffer.allocate(HEAD + BLOCK_TOKENS * Long.BYTES);
  private final Fingerprint namespace;

  /** The tokens of the block at hand. */
  private final long[] block = new long[BLOCK_TOKENS];

  /**
   * @param mac keyed for the tenant, used by this chain alone
   * @param tokenCount tokens there are; a tail that fills no block is left out
   */
  public TokenChain(Mac mac, Fingerprint namespace, Tokens tokens, int tokenCount) {
    this.mac = mac;
    this.namespace = namespace;
    this.tokens = tokens;
    this.blocks = tokenCount / BLOCK_TOKENS;
  }

  @Override
  public int blocks() {
    return blocks;
  }

  @Override
  public boolean independent() {
    return false;
  }

  @Override
  public void describe(int index, LongConsumer words) {
    int from = index * BLOCK_TOKENS;
    for (int i = 0; i < BLOCK_TOKENS; i++) {
      words.accept(tokens.at(from + i));
    }
  }

  @Override
  public BlockKey key(int index, long parentLabel) {
    int from = index * BLOCK_TOKENS;
    long anyBit = 0;
    for (int i = 0; i < BLOCK_TOKENS; i++) {
      long token = tokens.at(from + i);
      block[i] = token;
      anyBit |= token;
    }
    boolean narrow = (anyBit & ~MAX_U32) == 0;
    input.clear();
    input.put((byte) (narrow ? Integer.BYTES : Long.BYTES));
    namespace.writeTo(input);
    input.putLong(parentLabel);
    if (narrow) {
      for (long token : block) {
        input.putInt((int) token);
      }
    } else {
      for (long token : block) {
        input.putLong(token);
      }
    }
    mac.update(input.array(), 0, input.position());
    return BlockKey.of(mac.doFinal());
  }
}
