package io.kveik.bench.load;

import java.util.concurrent.atomic.LongAdder;

/** What a load run counts beside latencies, over all its clients. Thread-safe. */
final class LoadTotals {
  /** Blocks that were read, right or wrong. */
  final LongAdder blocksRead = new LongAdder();

  /** Blocks that were written. */
  final LongAdder blocksWritten = new LongAdder();

  /** Of them, those that were there already. */
  final LongAdder alreadyPresent = new LongAdder();

  /** Of them, those acknowledged below the level asked for, or without the server saying one. */
  final LongAdder shortAcks = new LongAdder();

  /** Blocks of the working set that a read or a lookup did not find. */
  final LongAdder misses = new LongAdder();

  /** Blocks with a wrong payload or label. */
  final LongAdder wrongBlocks = new LongAdder();

  /** Lookups that the server refused or did not answer in time. */
  final LongAdder failedLookups = new LongAdder();

  /** Reads, or read streams, that the server refused or did not finish in time. */
  final LongAdder failedReads = new LongAdder();

  /** Writes that the server refused or did not answer in time. */
  final LongAdder failedWrites = new LongAdder();

  /** Forgets everything that can do no harm; what was wrong stays. Call while nobody counts. */
  void startOver() {
    for (LongAdder counter :
        new LongAdder[] {
          blocksRead,
          blocksWritten,
          alreadyPresent,
          shortAcks,
          misses,
          failedLookups,
          failedReads,
          failedWrites
        }) {
      counter.reset();
    }
  }

  long errors() {
    return failedLookups.sum() + failedReads.sum() + failedWrites.sum() + wrongBlocks.sum();
  }
}
