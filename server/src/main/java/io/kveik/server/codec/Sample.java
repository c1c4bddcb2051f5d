package io.kveik.server.codec;

import java.lang.foreign.MemorySegment;

/**
 * Looks at 64 KiB of a payload, in four pieces from its start to its end, before all of it is
 * encoded: a payload that does not compress costs no more than that. What repeats only over longer
 * distances than a piece is not found. Stateless.
 */
final class Sample {
  private static final int PIECES = 4;
  private static final int PIECE_BYTES = 16 << 10;

  /** Shorter payloads are encoded without a look. */
  static final int FROM_BYTES = 2 * PIECES * PIECE_BYTES;

  /** Room for a sample that is worth it. */
  static final int LIMIT_BYTES = Saving.limitBytes(PIECES * PIECE_BYTES);

  private Sample() {}

  /**
   * True when the sample comes out at nine tenths or less.
   *
   * @param payload of {@link #FROM_BYTES} or more
   * @param room of {@link #LIMIT_BYTES}
   */
  static boolean isWorthwhile(ChunkEncoder encoder, MemorySegment payload, MemorySegment room) {
    long gaps = (payload.byteSize() - PIECES * PIECE_BYTES) / (PIECES - 1);
    long stride = PIECE_BYTES + gaps / PIECE_BYTES * PIECE_BYTES;
    long at = 0;
    for (int piece = 0; piece < PIECES; piece++) {
      long length = encoder.encode(payload.asSlice(piece * stride, PIECE_BYTES), room.asSlice(at));
      if (length == ChunkEncoder.TOO_LONG) {
        return false;
      }
      at += length;
    }
    return true;
  }
}
