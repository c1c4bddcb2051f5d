package io.kveik.server.tier.nvme;

import io.kveik.server.tier.nvme.SegmentTables.Table;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.util.Optional;

/**
 * Finds the records of a segment that has no footer: one pass over the file, every page that could
 * begin a record looked at, every body checked. What is torn is left out, and what comes after it
 * is found all the same. One thread.
 */
final class SegmentScan {
  private static final long PAGE = RecordDescriptor.PAGE_BYTES;

  private final SegmentFile file;
  private final SegmentDescriptor.Header segment;
  private final ByteBuffer window;
  private final long end;
  private long windowAt;
  private long tail = SegmentDescriptor.PAGE_BYTES;
  private final ByteArrayOutputStream found = new ByteArrayOutputStream();

  private SegmentScan(SegmentFile file, SegmentDescriptor.Header segment, ByteBuffer window)
      throws IOException {
    this.file = file;
    this.segment = segment;
    this.window = window.limit(0);
    this.end = Math.min(segment.lengthBytes(), file.size() / PAGE * PAGE);
  }

  /**
   * @param window to read through, whole pages
   */
  static Table scan(SegmentFile file, SegmentDescriptor.Header segment, ByteBuffer window)
      throws IOException {
    return new SegmentScan(file, segment, window).run();
  }

  private Table run() throws IOException {
    long at = PAGE;
    while (at < end) {
      Optional<RecordHeader> decoded = RecordDescriptor.decode(window, show(at));
      if (decoded.isEmpty() || !belongsAt(decoded.get(), at)) {
        at += PAGE;
        continue;
      }
      RecordHeader record = decoded.get();
      byte[] header = new byte[RecordDescriptor.HEADER_BYTES];
      window.get(show(at), header);
      tail = at + record.recordBytes();
      if (bodyIsSound(record)) {
        found.writeBytes(header);
        at = tail;
      } else {
        at += PAGE;
      }
    }
    return new Table(tail, ByteBuffer.wrap(found.toByteArray()), false);
  }

  private boolean belongsAt(RecordHeader record, long at) {
    return record.generation() == segment.generation()
        && record.position() == at
        && at + record.recordBytes() <= segment.lengthBytes();
  }

  private boolean bodyIsSound(RecordHeader record) throws IOException {
    BodyChecksum checksum = new BodyChecksum(record);
    long at = record.position() + RecordDescriptor.HEADER_BYTES;
    long bodyEnd = at + record.storedLength();
    if (bodyEnd > end) {
      return false;
    }
    while (at < bodyEnd) {
      int index = show(at);
      int bytes = (int) Math.min(window.limit() - index, bodyEnd - at);
      checksum.update(MemorySegment.ofBuffer(window.slice(index, bytes)));
      at += bytes;
    }
    return checksum.mismatch() == null;
  }

  /** Has a byte of the file in the window, and the rest of its page; returns where in it. */
  private int show(long at) throws IOException {
    if (at < windowAt || at >= windowAt + window.limit()) {
      windowAt = at / PAGE * PAGE;
      window.clear().limit((int) Math.min(window.capacity(), end - windowAt));
      if (!SegmentFile.readFully(file, window, windowAt)) {
        throw new IOException("file ends before its length");
      }
    }
    return (int) (at - windowAt);
  }
}
