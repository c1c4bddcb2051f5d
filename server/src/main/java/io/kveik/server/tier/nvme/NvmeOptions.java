package io.kveik.server.tier.nvme;

import io.kveik.server.codec.CodecKind;
import io.kveik.server.codec.CodecOptions;

/**
 * How an nvme tier behaves.
 *
 * @param capacityBytes what all segment files together may take
 * @param segmentBytes length of a segment at most; shorter where the capacity would not have {@link
 *     #MIN_SEGMENTS} of them, longer where it would have more than {@link #MAX_SEGMENTS}
 * @param fsync whether a put returns only once the block survives power loss; without it a block
 *     survives kill -9 alone
 * @param io how the disk is read and written
 * @param reinsertPercent how much of a segment at most is written again when it is freed
 * @param writeBytesPerDay what may be written a day before blocks must be offered twice; 0: no
 *     bound
 * @param budgetGhosts blocks that were refused for the budget and are remembered
 * @param stagingBuffers of 1 MiB each: transfers at a time
 * @param readWindowBytes of large records that direct I/O reads at a time
 * @param openThreads segments read at a time when the tier opens
 * @param tableBytes of tables that a start may keep in memory until the first scan
 * @param codec how payloads are encoded that are put
 */
public record NvmeOptions(
    long capacityBytes,
    long segmentBytes,
    boolean fsync,
    IoMode io,
    int reinsertPercent,
    long writeBytesPerDay,
    int budgetGhosts,
    int stagingBuffers,
    long readWindowBytes,
    int openThreads,
    long tableBytes,
    CodecOptions codec) {
  /** So that freeing one at a time is not freeing much of the tier. */
  public static final int MIN_SEGMENTS = 16;

  /** Each is an open file. */
  public static final int MAX_SEGMENTS = 8_192;

  public static final long DEFAULT_SEGMENT_BYTES = 256L << 20;

  /** The least that works: segments that hold a page of payload. */
  public static final long MIN_CAPACITY_BYTES = MIN_SEGMENTS * SegmentDescriptor.MIN_LENGTH_BYTES;

  public static final long MAX_READ_WINDOW_BYTES = 1L << 30;

  private static final int DEFAULT_REINSERT_PERCENT = 50;
  private static final int DEFAULT_BUDGET_GHOSTS = 1 << 16;
  private static final int DEFAULT_STAGING_BUFFERS = 16;
  private static final long DEFAULT_READ_WINDOW_BYTES = 3L << 20;
  private static final int DEFAULT_OPEN_THREADS = 4;
  private static final long DEFAULT_TABLE_BYTES = 128L << 20;

  /** Checks each option against its limits. */
  public NvmeOptions {
    require("capacity_bytes", capacityBytes, MIN_CAPACITY_BYTES, Long.MAX_VALUE);
    require(
        "segment_bytes",
        segmentBytes,
        SegmentDescriptor.MIN_LENGTH_BYTES,
        Location.MAX_SEGMENT_BYTES);
    require("reinsert_percent", reinsertPercent, 0, 90);
    require("write_bytes_per_day", writeBytesPerDay, 0, Long.MAX_VALUE);
    require("budget_ghosts", budgetGhosts, 1, 1 << 28);
    require("staging_buffers", stagingBuffers, 1, 1_024);
    require("read_window_bytes", readWindowBytes, 1, MAX_READ_WINDOW_BYTES);
    require("open_threads", openThreads, 1, 256);
    require("table_bytes", tableBytes, 0, Long.MAX_VALUE);
  }

  /** Synced and without a codec, with the other defaults. */
  public static NvmeOptions of(long capacityBytes) {
    return new NvmeOptions(
        capacityBytes,
        DEFAULT_SEGMENT_BYTES,
        true,
        IoMode.AUTO,
        DEFAULT_REINSERT_PERCENT,
        0,
        DEFAULT_BUDGET_GHOSTS,
        DEFAULT_STAGING_BUFFERS,
        DEFAULT_READ_WINDOW_BYTES,
        DEFAULT_OPEN_THREADS,
        DEFAULT_TABLE_BYTES,
        CodecOptions.of(CodecKind.NONE));
  }

  public NvmeOptions withSegmentBytes(long bytes) {
    return new NvmeOptions(
        capacityBytes,
        bytes,
        fsync,
        io,
        reinsertPercent,
        writeBytesPerDay,
        budgetGhosts,
        stagingBuffers,
        readWindowBytes,
        openThreads,
        tableBytes,
        codec);
  }

  public NvmeOptions withFsync(boolean on) {
    return new NvmeOptions(
        capacityBytes,
        segmentBytes,
        on,
        io,
        reinsertPercent,
        writeBytesPerDay,
        budgetGhosts,
        stagingBuffers,
        readWindowBytes,
        openThreads,
        tableBytes,
        codec);
  }

  public NvmeOptions withIo(IoMode mode) {
    return new NvmeOptions(
        capacityBytes,
        segmentBytes,
        fsync,
        mode,
        reinsertPercent,
        writeBytesPerDay,
        budgetGhosts,
        stagingBuffers,
        readWindowBytes,
        openThreads,
        tableBytes,
        codec);
  }

  public NvmeOptions withReinsertPercent(int percent) {
    return new NvmeOptions(
        capacityBytes,
        segmentBytes,
        fsync,
        io,
        percent,
        writeBytesPerDay,
        budgetGhosts,
        stagingBuffers,
        readWindowBytes,
        openThreads,
        tableBytes,
        codec);
  }

  /** With that budget and memory of so many blocks that it refused. */
  public NvmeOptions withWriteBudget(long bytesPerDay, int ghosts) {
    return new NvmeOptions(
        capacityBytes,
        segmentBytes,
        fsync,
        io,
        reinsertPercent,
        bytesPerDay,
        ghosts,
        stagingBuffers,
        readWindowBytes,
        openThreads,
        tableBytes,
        codec);
  }

  public NvmeOptions withOpenThreads(int threads) {
    return new NvmeOptions(
        capacityBytes,
        segmentBytes,
        fsync,
        io,
        reinsertPercent,
        writeBytesPerDay,
        budgetGhosts,
        stagingBuffers,
        readWindowBytes,
        threads,
        tableBytes,
        codec);
  }

  public NvmeOptions withStagingBuffers(int buffers) {
    return new NvmeOptions(
        capacityBytes,
        segmentBytes,
        fsync,
        io,
        reinsertPercent,
        writeBytesPerDay,
        budgetGhosts,
        buffers,
        readWindowBytes,
        openThreads,
        tableBytes,
        codec);
  }

  public NvmeOptions withTableBytes(long bytes) {
    return new NvmeOptions(
        capacityBytes,
        segmentBytes,
        fsync,
        io,
        reinsertPercent,
        writeBytesPerDay,
        budgetGhosts,
        stagingBuffers,
        readWindowBytes,
        openThreads,
        bytes,
        codec);
  }

  public NvmeOptions withCodec(CodecOptions options) {
    return new NvmeOptions(
        capacityBytes,
        segmentBytes,
        fsync,
        io,
        reinsertPercent,
        writeBytesPerDay,
        budgetGhosts,
        stagingBuffers,
        readWindowBytes,
        openThreads,
        tableBytes,
        options);
  }

  /** The length that segments have. */
  long effectiveSegmentBytes() {
    long most = capacityBytes / MIN_SEGMENTS;
    long least = Math.ceilDiv(capacityBytes, MAX_SEGMENTS);
    long page = SegmentDescriptor.PAGE_BYTES;
    return Math.clamp(segmentBytes, Math.min(least, Location.MAX_SEGMENT_BYTES), most)
        / page
        * page;
  }

  private static void require(String field, long value, long min, long max) {
    if (value < min || value > max) {
      throw new IllegalArgumentException(field + '=' + value + ", must be " + min + " to " + max);
    }
  }
}
