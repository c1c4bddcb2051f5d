package io.kveik.server.tier.nvme;

import java.nio.ByteBuffer;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * One life of a segment file, from its header to its freeing. What is not final or volatile is
 * guarded by the lock of the {@link SegmentLog}.
 */
final class Segment {
  final int slot;
  final SegmentFile file;
  final SegmentDescriptor.Header header;
  final GroupCommit commit;

  /** Durable ones. */
  final AtomicInteger tombstones = new AtomicInteger();

  /**
   * A write or a sync failed, so the disk may hold records that nobody was told are there: it takes
   * no more, and while it exists a removal of what is not known leaves a tombstone all the same.
   */
  volatile boolean doubtful;

  /** Its table as the opening found it, until the first scan; nobody changes it. */
  volatile @Nullable ByteBuffer loaded;

  /** While the segment has no footer. */
  @Nullable SegmentTable table;

  /** Where the next record would begin. */
  long tail = SegmentDescriptor.PAGE_BYTES;

  /** Records that are being written. */
  int writing;

  /** Takes no more records. */
  boolean sealed;

  Segment(int slot, SegmentFile file, SegmentDescriptor.Header header, GroupCommit commit) {
    this.slot = slot;
    this.file = file;
    this.header = header;
    this.commit = commit;
  }

  /** Whether this header is that of the record at this place in this life. */
  boolean bears(RecordHeader record, long position) {
    return record.generation() == header.generation() && record.position() == position;
  }
}
