package io.kveik.server.tier.nvme;

/**
 * A look at the tier, for metrics and people. Counts are since the start.
 *
 * @param down why there is no disk; empty when there is one
 * @param segments that hold records
 * @param fileBytes length of all segment files
 * @param recordBytes what the records of all blocks take; the rest of the files is headers, what
 *     has left, and what is free
 * @param stored blocks stored
 * @param storedBodyBytes payload and attributes in them
 * @param writtenBytes written to segments, whatever for
 * @param syncs of segments
 * @param reinserted blocks written again to stay
 * @param evicted blocks that left to make room
 * @param segmentsFreed segments freed
 * @param segmentsLost unreadable at the start
 * @param quarantined blocks that failed a check
 * @param overBudget puts refused for the write budget
 * @param failures writes and syncs that failed
 * @param scrubbedBytes that the scrubber has verified
 */
public record NvmeStatus(
    String down,
    int segments,
    long fileBytes,
    long recordBytes,
    long stored,
    long storedBodyBytes,
    long writtenBytes,
    long syncs,
    long reinserted,
    long evicted,
    long segmentsFreed,
    long segmentsLost,
    long quarantined,
    long overBudget,
    long failures,
    long scrubbedBytes) {
  /** Bytes written for each byte stored; 0 before the first. */
  public double writeAmplification() {
    return storedBodyBytes == 0 ? 0 : (double) writtenBytes / storedBodyBytes;
  }
}
