package io.kveik.server.tier.nvme;

import io.kveik.server.tier.nvme.SegmentTables.Table;
import io.kveik.server.tier.nvme.StagingBuffers.Staging;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Iterator;
import java.util.NoSuchElementException;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The records of a segment, from wherever they are known at the least cost: memory, the footer, the
 * records themselves. Any thread.
 */
final class TableReader {
  private final SegmentLog log;
  private final StagingBuffers staging;

  TableReader(SegmentLog log, StagingBuffers staging) {
    this.log = log;
    this.staging = staging;
  }

  /** Those that were durable at some moment of the call, in the order of the log. */
  Iterable<RecordHeader> records(Segment segment) throws IOException {
    return decode(entries(segment));
  }

  /** The records of a table that is in memory. */
  static Iterable<RecordHeader> decode(ByteBuffer entries) {
    return () -> new Records(entries);
  }

  private ByteBuffer entries(Segment segment) throws IOException {
    SegmentTable writing = log.tableOf(segment);
    if (writing != null) {
      return writing.entered();
    }
    ByteBuffer loaded = segment.loaded;
    if (loaded != null) {
      return loaded;
    }
    return read(segment.file, segment.header, staging).table().entries();
  }

  /**
   * @param sealed whether the segment has a sound footer
   */
  record Found(boolean sealed, Table table) {}

  static Found read(SegmentFile file, SegmentDescriptor.Header header, StagingBuffers staging)
      throws IOException {
    Optional<Table> footer = SegmentTables.readFooter(file, header, staging);
    if (footer.isPresent()) {
      return new Found(true, footer.get());
    }
    try (Staging window = staging.take()) {
      return new Found(false, SegmentScan.scan(file, header, window.buffer()));
    }
  }

  /**
   * Decodes entry by entry. One that can't be decoded although the table passed its checksum is in
   * an encoding of a later version: left out, so that its block is absent.
   */
  private static final class Records implements Iterator<RecordHeader> {
    private final ByteBuffer entries;
    private int at;
    private @Nullable RecordHeader next;

    Records(ByteBuffer entries) {
      this.entries = entries;
    }

    @Override
    public boolean hasNext() {
      while (next == null && at < entries.limit()) {
        next = RecordDescriptor.decode(entries, at).orElse(null);
        at += RecordDescriptor.HEADER_BYTES;
      }
      return next != null;
    }

    @Override
    public RecordHeader next() {
      RecordHeader record = hasNext() ? next : null;
      if (record == null) {
        throw new NoSuchElementException();
      }
      next = null;
      return record;
    }
  }
}
