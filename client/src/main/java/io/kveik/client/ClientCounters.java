package io.kveik.client;

import java.util.concurrent.atomic.LongAdder;

/** What a client counts; each counter only grows, but for {@code openBlocks}. */
final class ClientCounters {
  /** Blocks that failed their checksum or carried another label than the one asked for. */
  final LongAdder corruptBlocks = new LongAdder();

  /** Lookups and reads that failed and were answered as misses. */
  final LongAdder failuresAsMisses = new LongAdder();

  /** Attempts after the first. */
  final LongAdder retries = new LongAdder();

  /** Blocks handed out and not yet closed. */
  final LongAdder openBlocks = new LongAdder();
}
