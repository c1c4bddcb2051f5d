package io.kveik.server.recording;

import java.util.function.LongConsumer;

/**
 * SipHash-2-4 of a sequence of 64-bit words: a pseudorandom function under a 128-bit key, so that
 * without the key a hash tells nothing of what was hashed.
 *
 * <p>Some 2 ns a word. One hash at a time; not thread-safe. Source: Aumasson and Bernstein,
 * "SipHash: a fast short-input PRF", 2012; the words are its input in little-endian order.
 */
final class KeyedHash implements LongConsumer {
  /** The key: nobody who reads a recording may have it. */
  record Key(long k0, long k1) {}

  private static final int LENGTH_SHIFT = 56;

  private final Key key;
  private long v0;
  private long v1;
  private long v2;
  private long v3;
  private long bytes;

  KeyedHash(Key key) {
    this.key = key;
    begin();
  }

  /** Forgets the words so far. */
  void begin() {
    v0 = key.k0 ^ 0x736F6D6570736575L;
    v1 = key.k1 ^ 0x646F72616E646F6DL;
    v2 = key.k0 ^ 0x6C7967656E657261L;
    v3 = key.k1 ^ 0x7465646279746573L;
    bytes = 0;
  }

  @Override
  public void accept(long word) {
    bytes += Long.BYTES;
    compress(word);
  }

  /** The hash of the words since {@link #begin}; begins anew. */
  long finish() {
    compress(bytes << LENGTH_SHIFT);
    v2 ^= 0xFF;
    round();
    round();
    round();
    round();
    long hash = v0 ^ v1 ^ v2 ^ v3;
    begin();
    return hash;
  }

  private void compress(long word) {
    v3 ^= word;
    round();
    round();
    v0 ^= word;
  }

  private void round() {
    v0 += v1;
    v1 = Long.rotateLeft(v1, 13) ^ v0;
    v0 = Long.rotateLeft(v0, 32);
    v2 += v3;
    v3 = Long.rotateLeft(v3, 16) ^ v2;
    v0 += v3;
    v3 = Long.rotateLeft(v3, 21) ^ v0;
    v2 += v1;
    v1 = Long.rotateLeft(v1, 17) ^ v2;
    v2 = Long.rotateLeft(v2, 32);
  }
}
