package io.kveik.server.tier.nvme;

import io.kveik.server.tier.nvme.StagingBuffers.Staging;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/**
 * Writes records. A large body goes from where it lies, by one call: its whole pages from its own
 * memory, the page that it shares with the header and the last from a staging buffer. All others
 * are copied into one. Any thread.
 */
final class RecordWriter {
  private static final long PAGE = RecordDescriptor.PAGE_BYTES;

  /** Of a body in the first page. */
  private static final long BESIDE_HEADER = PAGE - RecordDescriptor.HEADER_BYTES;

  private final SegmentFiles files;
  private final StagingBuffers staging;
  private final NvmeCounters counters;

  RecordWriter(SegmentFiles files, StagingBuffers staging, NvmeCounters counters) {
    this.files = files;
    this.staging = staging;
    this.counters = counters;
  }

  /** Writes a record, filled up with zeroes; durable only after a commit of its segment. */
  void write(SegmentFile file, long position, ByteBuffer header, MemorySegment body)
      throws IOException {
    long inPlace = Math.max(0, body.byteSize() - BESIDE_HEADER) / PAGE * PAGE;
    try (Staging one = staging.take()) {
      if (inPlace > 0 && files.gathers(body.asSlice(BESIDE_HEADER, inPlace))) {
        writeGathered(file, position, header, body, inPlace, one.buffer());
      } else {
        writeCopied(file, position, header, body, one.buffer());
      }
    }
    counters.writtenBytes.add(RecordDescriptor.recordBytes(body.byteSize()));
  }

  private static void writeGathered(
      SegmentFile file,
      long position,
      ByteBuffer header,
      MemorySegment body,
      long inPlace,
      ByteBuffer buffer)
      throws IOException {
    MemorySegment pages = MemorySegment.ofBuffer(buffer);
    MemorySegment first = pages.asSlice(0, PAGE);
    first.copyFrom(MemorySegment.ofBuffer(header));
    first.asSlice(RecordDescriptor.HEADER_BYTES).copyFrom(body.asSlice(0, BESIDE_HEADER));
    List<MemorySegment> pieces = new ArrayList<>();
    pieces.add(first);
    pieces.add(body.asSlice(BESIDE_HEADER, inPlace));
    MemorySegment rest = body.asSlice(BESIDE_HEADER + inPlace);
    if (rest.byteSize() > 0) {
      MemorySegment last = pages.asSlice(PAGE, PAGE);
      last.copyFrom(rest);
      last.asSlice(rest.byteSize()).fill((byte) 0);
      pieces.add(last);
    }
    file.writeGathered(pieces, position);
  }

  private static void writeCopied(
      SegmentFile file, long position, ByteBuffer header, MemorySegment body, ByteBuffer piece)
      throws IOException {
    long recordBytes = RecordDescriptor.recordBytes(body.byteSize());
    long copied = 0;
    for (long at = 0; at < recordBytes; at += piece.limit()) {
      piece.clear().limit((int) Math.min(piece.capacity(), recordBytes - at));
      if (at == 0) {
        piece.put(header.duplicate());
      }
      int bytes = (int) Math.min(piece.remaining(), body.byteSize() - copied);
      piece.put(body.asSlice(copied, bytes).asByteBuffer());
      copied += bytes;
      while (piece.hasRemaining()) {
        piece.put((byte) 0);
      }
      SegmentFile.writeFully(file, piece.flip(), position + at);
    }
  }
}
