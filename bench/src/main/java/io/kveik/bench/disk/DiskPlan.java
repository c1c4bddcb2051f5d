package io.kveik.bench.disk;

import io.kveik.server.tier.nvme.IoMode;
import io.kveik.server.tier.nvme.NvmeOptions;
import java.nio.file.Path;

/**
 * What to measure.
 *
 * @param directory on the disk; what is made there is deleted again
 * @param payloadBytes of a block
 * @param blocks written, then read
 * @param threads each has one transfer under way
 * @param rounds raw and tier in turn
 * @param io how the tier does it; raw is always direct
 * @param seed of what is read
 */
public record DiskPlan(
    Path directory, int payloadBytes, int blocks, int threads, int rounds, IoMode io, long seed) {
  private static final int PAGE = 4096;

  /** Of a segment beside records: its header, and a footer that tells each record. */
  private static final int SEGMENT_PAGES = 2;

  private static final int FOOTER_ENTRY_BYTES = 256;

  /** More than processors have cache. */
  private static final long MEMORY_BYTES = 128L << 20;

  /** What a block takes on the disk, header and rounding included; as much raw I/O moves. */
  int recordBytes() {
    return Math.ceilDiv(payloadBytes + 256, PAGE) * PAGE;
  }

  /** So many blocks' memory is used in turn, raw and by the tier. */
  int memoryBlocks() {
    return (int) Math.max(threads, MEMORY_BYTES / recordBytes());
  }

  /** What a round makes. */
  long diskBytes() {
    return 2L * recordBytes() * blocks + tierBytes();
  }

  /**
   * Room for all blocks and one segment more: nothing is freed while they are first written, and
   * hardly anything is new when they are written again.
   */
  long tierBytes() {
    long records = Math.ceilDiv(blocks, NvmeOptions.MIN_SEGMENTS - 1);
    long segmentBytes =
        records * (recordBytes() + FOOTER_ENTRY_BYTES) + (long) SEGMENT_PAGES * PAGE;
    return NvmeOptions.MIN_SEGMENTS * Math.ceilDiv(segmentBytes, PAGE) * PAGE;
  }
}
