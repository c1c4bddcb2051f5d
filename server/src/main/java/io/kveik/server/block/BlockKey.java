package io.kveik.server.block;

import java.nio.ByteBuffer;

/**
 * The identity of a block: SHA-256 over a secret of its namespace that never leaves the server and
 * the chain up to and including the block.
 *
 * <p>Being a keyed hash, its bits are uniform: any 64 of them serve as a hash code.
 */
public record BlockKey(long w0, long w1, long w2, long w3) {
  public static final int BYTES = Words256.BYTES;

  /**
   * @param bytes exactly 32 bytes, big-endian words
   * @throws IllegalArgumentException for any other length
   */
  public static BlockKey of(byte[] bytes) {
    return of(Words256.wrap(bytes, "block key"));
  }

  /** Reads 32 bytes at the buffer's position and moves it. */
  public static BlockKey of(ByteBuffer buffer) {
    return new BlockKey(buffer.getLong(), buffer.getLong(), buffer.getLong(), buffer.getLong());
  }

  /** 64 of its bits, never 0: what a native block's followers name as their parent's label. */
  public long label() {
    return w0 == 0 ? 1 : w0;
  }

  public byte[] toBytes() {
    return Words256.toBytes(w0, w1, w2, w3);
  }

  public void writeTo(ByteBuffer buffer) {
    buffer.putLong(w0).putLong(w1).putLong(w2).putLong(w3);
  }

  public String toHex() {
    return Words256.toHex(w0, w1, w2, w3);
  }

  @Override
  public int hashCode() {
    return (int) w0;
  }

  @Override
  public String toString() {
    return toHex();
  }
}
