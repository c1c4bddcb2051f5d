package io.kveik.server.tier.object.extent;

import java.util.concurrent.atomic.LongAdder;

/** What has happened to extents since the start. Any thread. */
public final class ExtentCounters {
  public final LongAdder written = new LongAdder();
  public final LongAdder writtenBytes = new LongAdder();
  public final LongAdder packedBlocks = new LongAdder();
  public final LongAdder learned = new LongAdder();
  public final LongAdder learnFailures = new LongAdder();
  public final LongAdder rewritten = new LongAdder();
  public final LongAdder rewriteFailures = new LongAdder();
  public final LongAdder quarantined = new LongAdder();

  /** Limits that were met. */
  public final LongAdder directoryRefused = new LongAdder();

  public final LongAdder memoryRefused = new LongAdder();
  public final LongAdder containersRefused = new LongAdder();

  ExtentCounters() {}
}
