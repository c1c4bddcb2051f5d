package io.kveik.server.cache.eviction;

import io.kveik.server.memory.RecordMemory;

/**
 * Evicts the least recently used block that has no cached child: exactly LRU among the blocks that
 * may go.
 *
 * <p>Each block has a tick, the time of its last use; the free ones are in a {@link LeafQueue}. A
 * touch is O(1), the rest O(log n) at worst. 16 bytes a block off-heap. Single-threaded.
 */
public final class LeafFirstLru implements EvictionPolicy {
  private final LeafRecords records;
  private final LeafQueue free;

  /**
   * @param memory where its records are; outlives it
   */
  public LeafFirstLru(RecordMemory memory) {
    this.records = new LeafRecords(memory);
    this.free = new LeafQueue(records, memory);
  }

  @Override
  public void prepare(int highestId) {
    records.ensure(highestId);
  }

  @Override
  public void requested() {}

  @Override
  public void inserted(int id, BlockTraits traits) {
    records.enter(id, 0);
    free.add(id);
  }

  @Override
  public void touched(int id) {
    if (records.isHeld(id)) {
      records.renew(id);
    } else {
      free.remove(id);
      records.renew(id);
      free.add(id);
    }
  }

  @Override
  public void evicted(int id, long identity) {
    free.remove(id);
  }

  @Override
  public void removed(int id) {
    free.remove(id);
  }

  @Override
  public void held(int id) {
    free.remove(id);
  }

  @Override
  public void released(int id) {
    free.add(id);
  }

  @Override
  public int victim() {
    return free.first();
  }

  @Override
  public void spared(int id) {
    touched(id);
  }
}
