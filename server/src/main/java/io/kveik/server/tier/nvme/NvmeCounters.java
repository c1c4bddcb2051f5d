package io.kveik.server.tier.nvme;

import java.util.concurrent.atomic.LongAdder;

/** What the tier counts, a catalogue. All only ever grow; any thread. */
final class NvmeCounters {
  /** Blocks stored by a put. */
  final LongAdder stored = new LongAdder();

  /** Bytes of payload and attributes in them. */
  final LongAdder storedBodyBytes = new LongAdder();

  /** Bytes written to segments, whatever for. */
  final LongAdder writtenBytes = new LongAdder();

  /** Syncs of segments; many puts share one. */
  final LongAdder syncs = new LongAdder();

  /** Blocks written again at the young end. */
  final LongAdder reinserted = new LongAdder();

  /** Blocks that left to make room. */
  final LongAdder evicted = new LongAdder();

  /** Segments freed. */
  final LongAdder segmentsFreed = new LongAdder();

  /** Segments whose header was unreadable at the start, so that all in them was given up. */
  final LongAdder segmentsLost = new LongAdder();

  /** Blocks that failed a check and are unreadable since. */
  final LongAdder quarantined = new LongAdder();

  /** Puts refused since the write budget was spent. */
  final LongAdder overBudget = new LongAdder();

  /** Writes and syncs that failed. */
  final LongAdder failures = new LongAdder();

  /** Bytes the scrubber has verified. */
  final LongAdder scrubbedBytes = new LongAdder();
}
