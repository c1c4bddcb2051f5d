package io.kveik.server.tier.nvme;

/**
 * Where a record lies, in 64 bits: slot of its segment, first page, pages. Pages are {@link
 * RecordDescriptor#PAGE_BYTES} long.
 *
 * <pre>
 *   slot 16 | first page 24 | pages 24
 * </pre>
 */
final class Location {
  /** No record: none is zero pages long. */
  static final long NONE = 0;

  static final int SLOT_BITS = 16;
  private static final int PAGE_BITS = 24;
  private static final long PAGE_MASK = (1L << PAGE_BITS) - 1;

  /** The longest segment that can be named in full. */
  static final long MAX_SEGMENT_BYTES = RecordDescriptor.PAGE_BYTES << PAGE_BITS;

  private Location() {}

  static long of(int slot, long position, long recordBytes) {
    return ((long) slot << (2 * PAGE_BITS))
        | ((position / RecordDescriptor.PAGE_BYTES) << PAGE_BITS)
        | (recordBytes / RecordDescriptor.PAGE_BYTES);
  }

  static int slot(long location) {
    return (int) (location >>> (2 * PAGE_BITS));
  }

  /** Where in the segment the record begins, bytes. */
  static long position(long location) {
    return (location >>> PAGE_BITS & PAGE_MASK) * RecordDescriptor.PAGE_BYTES;
  }

  static long recordBytes(long location) {
    return (location & PAGE_MASK) * RecordDescriptor.PAGE_BYTES;
  }
}
