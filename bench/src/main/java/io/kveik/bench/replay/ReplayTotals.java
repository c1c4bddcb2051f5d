package io.kveik.bench.replay;

import io.kveik.bench.store.WriteOutcome;
import java.util.concurrent.atomic.LongAccumulator;
import java.util.concurrent.atomic.LongAdder;

/** What a replay counts, over all its clients. Thread-safe; each counter only grows. */
final class ReplayTotals {
  /** Requests that are done. */
  final LongAdder requests = new LongAdder();

  /** Of them, those that found at least one id. */
  final LongAdder requestsHit = new LongAdder();

  /** Ids of 512 tokens of the requests that are done. */
  final LongAdder accesses = new LongAdder();

  /** Of them, those whose four blocks were found and read back right. */
  final LongAdder hits = new LongAdder();

  /** Prompt tokens whose KV came from the store. */
  final LongAdder tokensRestored = new LongAdder();

  /** Prompt tokens whose KV an engine would have had to compute. */
  final LongAdder tokensComputed = new LongAdder();

  /** Blocks that were read, right or wrong. */
  final LongAdder blocksRead = new LongAdder();

  /** Blocks that were written. */
  final LongAdder blocksWritten = new LongAdder();

  /** Of them, those that were there already. */
  final LongAdder alreadyPresent = new LongAdder();

  /** Of them, those acknowledged below the level asked for, or without the server saying one. */
  final LongAdder shortAcks = new LongAdder();

  /** Payload bytes that differ from what was written, or are missing or too many. */
  final LongAdder wrongBytes = new LongAdder();

  /** Blocks with a wrong payload, label, parent or tokens, or that were another block. */
  final LongAdder wrongBlocks = new LongAdder();

  /** Blocks that a lookup found and the read after it did not. */
  final LongAdder readMisses = new LongAdder();

  /** Lookups that the server refused or did not answer in time; they count as misses. */
  final LongAdder failedLookups = new LongAdder();

  /** Read streams that the server refused or did not finish in time. */
  final LongAdder failedReads = new LongAdder();

  /** Writes that the server refused or did not answer in time. */
  final LongAdder failedWrites = new LongAdder();

  /** Ends of turns that the server refused to be told of, or did not answer in time. */
  final LongAdder failedHints = new LongAdder();

  /** How far the worst request started behind its time, ns; only where a speed is given. */
  final LongAccumulator maxLateNanos = new LongAccumulator(Math::max, 0);

  /** Counts what came of a write. */
  void wrote(WriteOutcome outcome) {
    switch (outcome) {
      case WriteOutcome.Refused _ -> failedWrites.increment();
      case WriteOutcome.Stored(boolean present, boolean belowAck) -> {
        blocksWritten.increment();
        alreadyPresent.add(present ? 1 : 0);
        shortAcks.add(belowAck ? 1 : 0);
      }
    }
  }

  /** Whether anything was wrong. */
  boolean anyWrong() {
    return wrongBytes.sum() > 0 || wrongBlocks.sum() > 0;
  }
}
