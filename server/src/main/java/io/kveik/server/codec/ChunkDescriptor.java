package io.kveik.server.codec;

/**
 * The layout of encoded bytes, version 1: chunks back to back, each of {@link #RAW_BYTES} of the
 * payload, the last of what is left. w is the element width.
 *
 * <pre>
 *   0     plane lengths  u32 x w, big-endian, each 0 to P
 *   4w    planes         w of them, back to back, each of its length; laid out as {@link BytePlanes}
 *                        says when w is not 1
 *   ..    tail           the chunk's last bytes that fill no word of every plane, as they are
 * </pre>
 *
 * <p>P is the chunk's raw bytes / 8w * 8, rounded down: the bytes of one plane. A plane of length P
 * is as it is, a shorter one an LZ4 block or a Zstandard frame of P bytes. Chunks keep what is
 * worked on in the processor's cache and can be decoded one without the other.
 */
final class ChunkDescriptor {
  static final int RAW_BYTES = 256 << 10;
  private static final int PLANE_LENGTH_BYTES = Integer.BYTES;

  private ChunkDescriptor() {}

  /** Bytes before the planes. */
  static int headBytes(int width) {
    return width * PLANE_LENGTH_BYTES;
  }

  /** Where the length of a plane stands. */
  static int planeLengthOffset(int plane) {
    return plane * PLANE_LENGTH_BYTES;
  }

  /** Bytes of each plane of a chunk of that many raw bytes. */
  static int planeBytes(int rawBytes, int width) {
    return rawBytes / (width * BytePlanes.WORD_BYTES) * BytePlanes.WORD_BYTES;
  }
}
