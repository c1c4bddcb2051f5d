package io.kveik.server.data;

import java.util.concurrent.atomic.LongAdder;

/** What the data port has done since its start. Any thread. */
final class DataCounters {
  final LongAdder sentBlocks = new LongAdder();
  final LongAdder sentBytes = new LongAdder();
  final LongAdder receivedBlocks = new LongAdder();
  final LongAdder receivedBytes = new LongAdder();
  final LongAdder matches = new LongAdder();
  final LongAdder creditStalls = new LongAdder();
  final LongAdder protocolErrors = new LongAdder();
  final LongAdder ticketsRefused = new LongAdder();
  final LongAdder timeouts = new LongAdder();
}
