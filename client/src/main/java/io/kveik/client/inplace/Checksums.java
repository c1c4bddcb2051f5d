package io.kveik.client.inplace;

import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.zip.CRC32C;

/** CRC32C (Castagnoli) of payloads, without a copy. About 30 GB/s from memory. */
public final class Checksums {
  /** So little that what was just copied or received is still in the core's own cache. */
  private static final long PIECE_BYTES = 64 * 1024;

  private Checksums() {}

  /** Of a segment that is native or lies in a byte array. */
  public static int crc32c(MemorySegment segment) {
    CRC32C crc = new CRC32C();
    crc.update(segment.asByteBuffer());
    return (int) crc.getValue();
  }

  /**
   * Copies, and goes on with the checksum of the copy piece by piece, so that memory is gone
   * through once.
   *
   * @param into at least as long as the source from {@code offset} on
   */
  static void copy(MemorySegment source, MemorySegment into, long offset, CRC32C crc) {
    long size = source.byteSize();
    for (long at = 0; at < size; at += PIECE_BYTES) {
      long length = Math.min(PIECE_BYTES, size - at);
      MemorySegment.copy(source, at, into, offset + at, length);
      crc.update(into.asSlice(offset + at, length).asByteBuffer());
    }
  }

  /** Of bytes that lie part after part; moves the buffers' positions to their limits. */
  public static int crc32c(List<ByteBuffer> parts) {
    CRC32C crc = new CRC32C();
    for (ByteBuffer part : parts) {
      crc.update(part);
    }
    return (int) crc.getValue();
  }
}
