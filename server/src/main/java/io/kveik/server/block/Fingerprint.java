package io.kveik.server.block;

import java.nio.ByteBuffer;

/**
 * What stands for a {@link Namespace} in keys and on disk: HMAC-SHA256 of its names under the
 * tenant key, so that names can't be guessed from stored bytes.
 */
public record Fingerprint(long w0, long w1, long w2, long w3) {
  public static final int BYTES = Words256.BYTES;

  /**
   * @param bytes exactly 32 bytes, big-endian words
   * @throws IllegalArgumentException for any other length
   */
  public static Fingerprint of(byte[] bytes) {
    return of(Words256.wrap(bytes, "namespace fingerprint"));
  }

  /** Reads 32 bytes at the buffer's position and moves it. */
  public static Fingerprint of(ByteBuffer buffer) {
    return new Fingerprint(buffer.getLong(), buffer.getLong(), buffer.getLong(), buffer.getLong());
  }

  public byte[] toBytes() {
    return Words256.toBytes(w0, w1, w2, w3);
  }

  public void writeTo(ByteBuffer buffer) {
    buffer.putLong(w0).putLong(w1).putLong(w2).putLong(w3);
  }

  @Override
  public int hashCode() {
    return (int) w0;
  }

  @Override
  public String toString() {
    return Words256.toHex(w0, w1, w2, w3);
  }
}
