package io.kveik.server.tier.object.presence;

import java.util.concurrent.atomic.LongAdder;

/** What presence digests count, a catalogue. All only ever grow; any thread may read them. */
public final class PresenceCounters {
  /** Blocks asked for. */
  public final LongAdder asked = new LongAdder();

  /** Of those, ones that a digest has. */
  public final LongAdder positives = new LongAdder();

  /** Of those asked, ones that may be there only because not all of the container is known. */
  public final LongAdder blind = new LongAdder();

  /** Blocks that a digest has and the store turned out not to have. */
  public final LongAdder falsePositives = new LongAdder();

  public final LongAdder publishedSegments = new LongAdder();
  public final LongAdder publishedBytes = new LongAdder();
  public final LongAdder learnedSegments = new LongAdder();
  public final LongAdder learnedBytes = new LongAdder();

  /** Segments that failed a check. */
  public final LongAdder corrupt = new LongAdder();

  /** Calls to the store that failed. */
  public final LongAdder failures = new LongAdder();

  public final LongAdder rebuilds = new LongAdder();
  public final LongAdder rebuildFailures = new LongAdder();

  /** Blobs that rebuilds listed. */
  public final LongAdder rebuildBlobs = new LongAdder();

  /** Blocks left out because too many waited to be published. */
  public final LongAdder freshRefused = new LongAdder();

  /** Segments left out because they are too large, or there was no memory for them. */
  public final LongAdder segmentsRefused = new LongAdder();

  /** Questions about containers beyond the limit. */
  public final LongAdder containersRefused = new LongAdder();
}
