package io.kveik.bench.load;

/**
 * What was counted.
 *
 * @param lookups that succeeded
 * @param reads that succeeded, of a block or of a chain
 * @param writes that succeeded
 * @param blocksRead blocks that came back, right or wrong
 * @param alreadyPresent writes of blocks that were there already
 * @param shortAcks writes acknowledged below the level asked for, or without one
 * @param misses blocks of the working set that a read or a lookup did not find
 * @param wrongBlocks blocks with a wrong payload or label
 * @param failedLookups that the store refused or did not answer in time
 * @param failedReads that the store refused or did not finish in time
 * @param failedWrites that the store refused or did not answer in time
 * @param unserved calls of an open loop that no client came to make
 */
public record Counts(
    long lookups,
    long reads,
    long writes,
    long blocksRead,
    long alreadyPresent,
    long shortAcks,
    long misses,
    long wrongBlocks,
    long failedLookups,
    long failedReads,
    long failedWrites,
    long unserved) {
  /** Nothing. */
  public static final Counts NONE = new Counts(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0);

  /** Both together. */
  public Counts plus(Counts other) {
    return new Counts(
        lookups + other.lookups,
        reads + other.reads,
        writes + other.writes,
        blocksRead + other.blocksRead,
        alreadyPresent + other.alreadyPresent,
        shortAcks + other.shortAcks,
        misses + other.misses,
        wrongBlocks + other.wrongBlocks,
        failedLookups + other.failedLookups,
        failedReads + other.failedReads,
        failedWrites + other.failedWrites,
        unserved + other.unserved);
  }

  /** The same with more wrong blocks. */
  Counts plusWrong(long more) {
    return plus(new Counts(0, 0, 0, 0, 0, 0, 0, more, 0, 0, 0, 0));
  }

  /** Calls that succeeded. */
  public long calls() {
    return lookups + reads + writes;
  }

  /** Blocks whose payload went over the wire. */
  public long blocksMoved() {
    return blocksRead + writes;
  }

  /** All that should not have been, but for misses. */
  public long errors() {
    return failedLookups + failedReads + failedWrites + wrongBlocks;
  }
}
