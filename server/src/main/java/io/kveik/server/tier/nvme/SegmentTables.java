package io.kveik.server.tier.nvme;

import io.kveik.server.memory.Crc32c;
import io.kveik.server.tier.nvme.StagingBuffers.Staging;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.util.Optional;

/** Tables of records on disk: written behind a segment's records, and read from there. */
final class SegmentTables {
  private SegmentTables() {}

  /**
   * Writes table and footer; not synced.
   *
   * @param entries record headers, back to back
   */
  static void writeFooter(Segment segment, ByteBuffer entries, StagingBuffers staging)
      throws IOException {
    long tableAt = segment.tail;
    int crc = Crc32c.of(MemorySegment.ofBuffer(entries));
    int records = entries.remaining() / RecordDescriptor.HEADER_BYTES;
    try (Staging one = staging.take()) {
      ByteBuffer piece = one.buffer();
      ByteBuffer rest = entries.duplicate();
      for (long at = tableAt; rest.hasRemaining(); at += piece.limit()) {
        piece.clear();
        int bytes = Math.min(piece.remaining(), rest.remaining());
        piece.put(rest.slice(rest.position(), bytes));
        rest.position(rest.position() + bytes);
        while (piece.position() % SegmentDescriptor.PAGE_BYTES != 0) {
          piece.put((byte) 0);
        }
        SegmentFile.writeFully(segment.file, piece.flip(), at);
      }
      ByteBuffer page = piece.clear().limit(SegmentDescriptor.PAGE_BYTES);
      SegmentDescriptor.encode(
          new SegmentDescriptor.Footer(
              segment.header.generation(), tableAt, records, crc, segment.doubtful),
          page);
      SegmentFile.writeFully(
          segment.file, page, SegmentDescriptor.footerAt(segment.header.lengthBytes()));
    }
  }

  /**
   * @param tail where the records end, bytes
   * @param entries record headers, back to back
   * @param doubtful whether the segment may have records that the table lacks
   */
  record Table(long tail, ByteBuffer entries, boolean doubtful) {}

  /** The table that the footer names; empty when either is missing or unsound. */
  static Optional<Table> readFooter(
      SegmentFile file, SegmentDescriptor.Header header, StagingBuffers staging)
      throws IOException {
    Optional<SegmentDescriptor.Footer> footer;
    try (Staging one = staging.take()) {
      ByteBuffer page = one.buffer().limit(SegmentDescriptor.PAGE_BYTES);
      if (!SegmentFile.readFully(file, page, SegmentDescriptor.footerAt(header.lengthBytes()))) {
        return Optional.empty();
      }
      footer = SegmentDescriptor.decodeFooter(page.flip(), header);
    }
    if (footer.isEmpty()) {
      return Optional.empty();
    }
    long tableBytes = footer.get().tableBytes();
    // Off the heap, since all segments' are in memory at once at a start; freed when unreachable.
    ByteBuffer table =
        Arena.ofAuto()
            .allocate(
                Math.max(1, RecordDescriptor.roundUp(tableBytes)), RecordDescriptor.PAGE_BYTES)
            .asByteBuffer();
    table.limit((int) RecordDescriptor.roundUp(tableBytes));
    if (!SegmentFile.readFully(file, table, footer.get().tableAt())) {
      return Optional.empty();
    }
    table.flip().limit((int) tableBytes);
    return Crc32c.of(MemorySegment.ofBuffer(table)) == footer.get().tableCrc32c()
        ? Optional.of(new Table(footer.get().tableAt(), table, footer.get().doubtful()))
        : Optional.empty();
  }
}
