package io.kveik.server.cache.eviction;

import io.kveik.server.memory.RecordMemory;
import io.kveik.server.memory.Records;

/**
 * What a tier that is a log keeps when it frees its oldest segment: a block that was used in the
 * younger half of the time since it was last written there. That asks for no constant of any one
 * traffic: a block that is used steadily is kept as long as it is, one whose uses have ended goes
 * after one more round at the most. Time is counted in requests. Offers no victims: the log decides
 * which blocks are in the way.
 *
 * <pre>
 *   record  0             4          8
 *           +-------------+----------+
 *           | written u32 | used u32 |    requests, modulo 2^32
 *           +-------------+----------+
 * </pre>
 *
 * <p>8 bytes a block off-heap, O(1). Single-threaded. The rule and its figures: docs/eviction.md.
 */
public final class LogRetention extends NoEviction {
  private static final int RECORD_BYTES = 8;
  private static final int WRITTEN = 0;
  private static final int USED = 4;

  private final Records records;
  private int requests;

  /**
   * @param memory where its records are; outlives it
   */
  public LogRetention(RecordMemory memory) {
    this.records = memory.table(RECORD_BYTES);
  }

  /**
   * Whether a block that is in the way is worth to be written again; if so it counts as written
   * now.
   */
  public boolean keep(int id) {
    long sinceWritten = since(id, WRITTEN);
    boolean usedLately = 2 * since(id, USED) < sinceWritten;
    if (usedLately) {
      records.setInt(id, WRITTEN, requests);
    }
    return usedLately;
  }

  @Override
  public void requested() {
    requests++;
  }

  @Override
  public void inserted(int id, BlockTraits traits) {
    records.ensure(id);
    records.setInt(id, WRITTEN, requests);
    records.setInt(id, USED, requests);
  }

  @Override
  public void touched(int id) {
    records.setInt(id, USED, requests);
  }

  private long since(int id, int field) {
    return Integer.toUnsignedLong(requests - records.getInt(id, field));
  }
}
