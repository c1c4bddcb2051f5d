package io.kveik.server.memory;

import java.lang.foreign.MemorySegment;
import java.util.Objects;
import java.util.zip.CRC32C;

/**
 * CRC-32C (Castagnoli, RFC 3720) of segments, on the heap or off it, without a copy: at once by
 * {@link #of(MemorySegment)} or piece by piece through an instance.
 *
 * <p>An instance belongs to one thread at a time. O(length). The segment must stay good for the
 * whole call, so the caller holds a lease on it. Segments may be longer than 2 GiB.
 */
public final class Crc32c {

  /** What one byte buffer covers at most, since those are limited to 2 GiB. */
  private static final long PIECE_BYTES = 1L << 30;

  private final CRC32C crc = new CRC32C();

  /** Starts with the checksum of no bytes. */
  public Crc32c() {}

  /** The checksum of the whole segment. */
  public static int of(MemorySegment segment) {
    return of(segment, 0, segment.byteSize());
  }

  /**
   * The checksum of a part of the segment.
   *
   * @throws IndexOutOfBoundsException if the part is not inside the segment
   */
  public static int of(MemorySegment segment, long offset, long length) {
    return new Crc32c().update(segment, offset, length).value();
  }

  /**
   * Goes on with a part of the segment.
   *
   * @return this
   * @throws IndexOutOfBoundsException if the part is not inside the segment
   */
  public Crc32c update(MemorySegment segment, long offset, long length) {
    Objects.checkFromIndexSize(offset, length, segment.byteSize());
    long end = offset + length;
    for (long at = offset; at < end; at += PIECE_BYTES) {
      crc.update(segment.asSlice(at, Math.min(PIECE_BYTES, end - at)).asByteBuffer());
    }
    return this;
  }

  /** The checksum of everything so far. */
  public int value() {
    return (int) crc.getValue();
  }
}
