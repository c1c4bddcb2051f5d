package io.kveik.server.cache.eviction;

import io.kveik.server.block.TurnEnd;
import io.kveik.server.memory.RecordMemory;
import io.kveik.server.memory.Records;

/**
 * Adds soft priority to any policy: a block of priority p is passed over p times after each use
 * before it goes. Hard pins in a small cache cost far more hits than they save.
 *
 * <pre>
 *   record  0                                     4
 *           +---------+---------------+-----------+
 *           | 0 u26   | priority u3   | passes u3 |
 *           +---------+---------------+-----------+
 * </pre>
 *
 * <p>4 bytes a block off-heap, O(1) beside what the policy takes: a victim is spared at most as
 * often as blocks were used. Single-threaded.
 */
public final class SoftPriority implements EvictionPolicy {
  private static final int RECORD_BYTES = 4;
  private static final int BITS = 3;
  private static final int MASK = (1 << BITS) - 1;

  private final Records records;
  private final EvictionPolicy policy;

  /**
   * @param memory where its records are; outlives it
   * @param policy what to add priority to
   */
  public SoftPriority(RecordMemory memory, EvictionPolicy policy) {
    this.records = memory.table(RECORD_BYTES);
    this.policy = policy;
  }

  @Override
  public void prepare(int highestId) {
    records.ensure(highestId);
    policy.prepare(highestId);
  }

  @Override
  public void requested() {
    policy.requested();
  }

  @Override
  public void inserted(int id, BlockTraits traits) {
    records.ensure(id);
    records.setInt(id, 0, traits.priority << BITS | traits.priority);
    policy.inserted(id, traits);
  }

  @Override
  public void touched(int id) {
    int state = records.getInt(id, 0);
    if (state != 0) {
      records.setInt(id, 0, (state & ~MASK) | state >>> BITS);
    }
    policy.touched(id);
  }

  @Override
  public void hinted(int id, TurnEnd end) {
    policy.hinted(id, end);
  }

  @Override
  public void evicted(int id, long identity) {
    policy.evicted(id, identity);
  }

  @Override
  public void removed(int id) {
    policy.removed(id);
  }

  @Override
  public void held(int id) {
    policy.held(id);
  }

  @Override
  public void released(int id) {
    policy.released(id);
  }

  @Override
  public int victim() {
    while (true) {
      int id = policy.victim();
      int state = id == NONE ? 0 : records.getInt(id, 0);
      if ((state & MASK) == 0) {
        return id;
      }
      records.setInt(id, 0, state - 1);
      policy.spared(id);
    }
  }

  @Override
  public void spared(int id) {
    policy.spared(id);
  }
}
