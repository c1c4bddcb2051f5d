package io.kveik.server.tier.nvme;

import java.nio.ByteBuffer;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * The record headers of the segment that is being written, in the order of the records: what
 * becomes its footer. 256 bytes of heap a record. Any thread.
 */
final class SegmentTable {
  private static final int FIRST_RECORDS = 64;
  private static final int ENTRY_BYTES = RecordDescriptor.HEADER_BYTES;

  private byte[] entries = new byte[FIRST_RECORDS * ENTRY_BYTES];
  private int reserved;

  /** A table with these record headers, back to back, in it. */
  static SegmentTable of(@Nullable ByteBuffer headers) {
    SegmentTable table = new SegmentTable();
    for (int at = 0; headers != null && at < headers.limit(); at += ENTRY_BYTES) {
      table.set(table.reserve(), headers.slice(at, ENTRY_BYTES));
    }
    return table;
  }

  /** A place after all others, for a record that is about to be written. */
  synchronized int reserve() {
    if ((reserved + 1) * ENTRY_BYTES > entries.length) {
      entries = Arrays.copyOf(entries, entries.length * 2);
    }
    return reserved++;
  }

  /** Enters a record that is durable. */
  synchronized void set(int place, ByteBuffer header) {
    header.get(0, entries, place * ENTRY_BYTES, ENTRY_BYTES);
  }

  /** Places taken, entered or not. */
  synchronized int reserved() {
    return reserved;
  }

  /** A copy of what was entered, back to back. */
  synchronized ByteBuffer entered() {
    ByteBuffer out = ByteBuffer.allocate(reserved * ENTRY_BYTES);
    for (int place = 0; place < reserved; place++) {
      // A header begins with its magic number; a place that was never entered with zeroes.
      if (entries[place * ENTRY_BYTES] != 0) {
        out.put(entries, place * ENTRY_BYTES, ENTRY_BYTES);
      }
    }
    return out.flip();
  }
}
