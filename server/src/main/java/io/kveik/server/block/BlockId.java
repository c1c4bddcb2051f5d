package io.kveik.server.block;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.function.LongConsumer;

/**
 * An engine's own name of a block on the native wire: a chained hash that stands for the block and
 * everything before it, {@value #MIN_BYTES} to {@value #MAX_BYTES} opaque bytes. Never a storage
 * key: that is the {@link BlockKey} derived from it. Immutable.
 */
public final class BlockId {
  /** Fewer would collide among the blocks of one large namespace. */
  public static final int MIN_BYTES = 16;

  public static final int MAX_BYTES = 64;

  private final byte[] bytes;

  private BlockId(byte[] bytes) {
    this.bytes = bytes;
  }

  /** True when that many bytes can be an id. */
  public static boolean legalLength(int length) {
    return length >= MIN_BYTES && length <= MAX_BYTES;
  }

  /**
   * Takes the array over: the caller must not change it any more.
   *
   * @throws IllegalArgumentException when the length is outside the limits
   */
  public static BlockId transfer(byte[] bytes) {
    if (!legalLength(bytes.length)) {
      throw new IllegalArgumentException(
          "block id: %d bytes, must be %d to %d".formatted(bytes.length, MIN_BYTES, MAX_BYTES));
    }
    return new BlockId(bytes);
  }

  /** A copy. */
  public byte[] toBytes() {
    return bytes.clone();
  }

  /** Writes its bytes at the buffer's position and moves it. */
  public void writeTo(ByteBuffer buffer) {
    buffer.put(bytes);
  }

  /** Feeds it to a hash of words: its length, then its bytes, eight to a word, filled up with 0. */
  public void describe(LongConsumer words) {
    words.accept(bytes.length);
    ByteBuffer in = ByteBuffer.wrap(bytes);
    while (in.remaining() >= Long.BYTES) {
      words.accept(in.getLong());
    }
    if (in.hasRemaining()) {
      long last = 0;
      while (in.hasRemaining()) {
        last = (last << Byte.SIZE) | (in.get() & 0xFF);
      }
      words.accept(last);
    }
  }

  public int length() {
    return bytes.length;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof BlockId id && Arrays.equals(bytes, id.bytes);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(bytes);
  }

  @Override
  public String toString() {
    return HexFormat.of().formatHex(bytes);
  }
}
