package io.kveik.bench.load;

import java.util.concurrent.atomic.LongAdder;

/** What a load run counts beside latencies, over all clients of a process. Thread-safe. */
final class LoadTotals {
  final LongAdder lookups = new LongAdder();
  final LongAdder reads = new LongAdder();
  final LongAdder writes = new LongAdder();
  final LongAdder blocksRead = new LongAdder();
  final LongAdder alreadyPresent = new LongAdder();
  final LongAdder shortAcks = new LongAdder();
  final LongAdder misses = new LongAdder();
  final LongAdder wrongBlocks = new LongAdder();
  final LongAdder failedLookups = new LongAdder();
  final LongAdder failedReads = new LongAdder();
  final LongAdder failedWrites = new LongAdder();
  final LongAdder unserved = new LongAdder();

  /** The counts by now. */
  Counts counts() {
    return new Counts(
        lookups.sum(),
        reads.sum(),
        writes.sum(),
        blocksRead.sum(),
        alreadyPresent.sum(),
        shortAcks.sum(),
        misses.sum(),
        wrongBlocks.sum(),
        failedLookups.sum(),
        failedReads.sum(),
        failedWrites.sum(),
        unserved.sum());
  }
}
