package io.kveik.server.prefetch;

import java.util.Arrays;
import java.util.HexFormat;

/** An engine's own opaque name of a conversation, unique within a namespace. Immutable. */
public final class ContinueId {
  public static final int MAX_BYTES = 128;

  private final byte[] bytes;

  private ContinueId(byte[] bytes) {
    this.bytes = bytes;
  }

  /**
   * Takes over the bytes.
   *
   * @throws IllegalArgumentException for none or more than {@value #MAX_BYTES}
   */
  public static ContinueId transfer(byte[] bytes) {
    if (bytes.length == 0 || bytes.length > MAX_BYTES) {
      throw new IllegalArgumentException(
          "continue_id: " + bytes.length + " bytes, must be 1 to " + MAX_BYTES);
    }
    return new ContinueId(bytes);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof ContinueId that && Arrays.equals(bytes, that.bytes);
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
