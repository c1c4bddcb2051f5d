package io.kveik.server.block;

import java.nio.ByteBuffer;
import java.util.HexFormat;

/** Shared encoding of the 256-bit identifiers: four big-endian words. */
final class Words256 {
  static final int BYTES = 32;

  private Words256() {}

  static byte[] toBytes(long w0, long w1, long w2, long w3) {
    return ByteBuffer.allocate(BYTES).putLong(w0).putLong(w1).putLong(w2).putLong(w3).array();
  }

  static String toHex(long w0, long w1, long w2, long w3) {
    return HexFormat.of().formatHex(toBytes(w0, w1, w2, w3));
  }

  static ByteBuffer wrap(byte[] bytes, String what) {
    if (bytes.length != BYTES) {
      throw new IllegalArgumentException(
          what + ": " + bytes.length + " bytes, must be exactly " + BYTES);
    }
    return ByteBuffer.wrap(bytes);
  }
}
