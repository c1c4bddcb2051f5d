package io.kveik.server.tier.object.extent;

import io.kveik.server.tier.BatchingTier;
import java.util.Optional;

/**
 * The limits of extents.
 *
 * @param batching what becomes one; empty: none are written, those that are there are read and kept
 * @param leastBlocks fewer blocks go in blobs of their own
 * @param calls how long calls to the store may take
 * @param refreshMillis how often new extents of other servers are looked for
 * @param relistMillis how often all of a container's are listed
 * @param tableReads tables of extents that are read at a time, in all containers together
 * @param livePercent an extent is rewritten when less than that of its bytes has time left
 * @param rewriteMillis from one such rewriting to the next, at least
 * @param directoryBlocks blocks in extents that are known, about 60 bytes each
 * @param memoryBytes off-heap, for extents on their way
 * @param containers containers whose extents are known
 * @param idleMillis a container that no call has named for so long is forgotten
 * @param quarantineLimit damaged extents copied aside by this process
 */
public record ExtentOptions(
    Optional<BatchingTier.Batching> batching,
    int leastBlocks,
    Calls calls,
    long refreshMillis,
    long relistMillis,
    int tableReads,
    int livePercent,
    long rewriteMillis,
    long directoryBlocks,
    long memoryBytes,
    int containers,
    long idleMillis,
    int quarantineLimit) {
  /**
   * How long a call may take, all tries together.
   *
   * @param findMillis for a question or a page of a listing
   * @param readMillis for fetching
   * @param writeMillis for storing or removing
   */
  public record Calls(long findMillis, long readMillis, long writeMillis) {}

  /** Checks what the format bounds. */
  public ExtentOptions {
    batching.ifPresent(batch -> {
      long longest =
          ObjectExtentDescriptor.bytesFor(
              batch.blocks(), batch.bytes() + batch.largestBlockBytes());
      if (batch.blocks() < 1 || batch.blocks() > ObjectExtentDescriptor.MAX_BLOCKS) {
        throw new IllegalArgumentException(
            "extent blocks=%d, must be 1 to %d"
                .formatted(batch.blocks(), ObjectExtentDescriptor.MAX_BLOCKS));
      }
      if (longest > ObjectExtentDescriptor.MAX_BYTES) {
        throw new IllegalArgumentException(
            "extents of up to %d bytes, must be at most %d"
                .formatted(longest, ObjectExtentDescriptor.MAX_BYTES));
      }
    });
  }
}
