package io.kveik.bench.block;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_LONG_UNALIGNED;

import io.kveik.client.KveikClient;
import java.lang.foreign.MemorySegment;

/**
 * Makes tokens and payload of the block with a given number.
 *
 * <p>Both are counter-mode SplitMix64 streams keyed by the number: word i is mix(key + i * gamma).
 * Payloads look random, so nothing compresses or deduplicates them, and every word depends on the
 * block and on its place, so a block that is swapped, shifted or cut shows. Stateless; about 10
 * GB/s on one core. Source of the mix: Steele, Lea, Flood, "Fast Splittable Pseudorandom Number
 * Generators", OOPSLA 2014.
 */
public final class BlockContent {
  /** Tokens of a block. */
  public static final int TOKENS = KveikClient.BLOCK_TOKENS;

  /**
   * Tokens lie in [{@value}, 2 * 65,536 + {@value}): as many as a vocabulary has, and three bytes
   * each on the wire, so that all blocks of a run have the same size.
   */
  private static final int FIRST_TOKEN = 1 << 14;

  private static final int TOKEN_MASK = (1 << 17) - 1;

  /** The token that takes most bytes on the wire, three, as all others do. */
  public static final long WIDEST_TOKEN = FIRST_TOKEN + TOKEN_MASK;

  private static final long GAMMA = 0x9E3779B97F4A7C15L;
  private static final long TOKEN_KEY = 0x6B7665696B746F6BL;
  private static final long PAYLOAD_KEY = 0x6B7665696B706179L;

  private BlockContent() {}

  /** Writes the block's tokens to {@code tokens[from..from + TOKENS)}. */
  public static void fillTokens(long block, long[] tokens, int from) {
    long state = mix(block ^ TOKEN_KEY);
    for (int i = 0; i < TOKENS; i++) {
      state += GAMMA;
      tokens[from + i] = FIRST_TOKEN + (mix(state) & TOKEN_MASK);
    }
  }

  /** Writes the block's payload to all of {@code payload}. */
  public static void fillPayload(long block, MemorySegment payload) {
    long state = mix(block ^ PAYLOAD_KEY);
    long words = payload.byteSize() >>> 3;
    for (long i = 0; i < words; i++) {
      state += GAMMA;
      payload.set(JAVA_LONG_UNALIGNED, i << 3, mix(state));
    }
    long last = mix(state + GAMMA);
    for (long at = words << 3; at < payload.byteSize(); at++) {
      payload.set(JAVA_BYTE, at, (byte) last);
      last >>>= 8;
    }
  }

  private static long mix(long z) {
    z = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
    z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
    return z ^ (z >>> 31);
  }
}
