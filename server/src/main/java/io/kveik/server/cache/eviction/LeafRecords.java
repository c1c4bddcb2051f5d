package io.kveik.server.cache.eviction;

import io.kveik.server.memory.RecordMemory;
import io.kveik.server.memory.Records;

/**
 * One record for each block, by which {@link LeafQueue}s keep those that are free in order.
 *
 * <pre>
 *   0                                 8            12           16
 *   +----------+-----------+----------+------------+------------+
 *   | tick u48 | mark u14  | place u2 | older      | younger    |
 *   +----------+-----------+----------+------------+------------+
 *   tick    when it took its place in the order
 *   mark    the policy's own
 *   place   HELD, LISTED, HEAPED; a heaped block has its place in the heap in "older"
 * </pre>
 *
 * <p>16 bytes a block off-heap; ticks last for eight years at a million a second. Single-threaded.
 */
final class LeafRecords {
  static final int HELD = 0;
  static final int LISTED = 1;
  static final int HEAPED = 2;
  static final int MARK_BITS = 14;

  private static final int RECORD_BYTES = 16;
  private static final int STATE = 0;
  private static final int OLDER = 8;
  private static final int YOUNGER = 12;
  private static final int MARK_SHIFT = 2;
  private static final int TICK_SHIFT = MARK_SHIFT + MARK_BITS;
  private static final long PLACE_MASK = (1 << MARK_SHIFT) - 1;
  private static final long MARK_MASK = ((1L << MARK_BITS) - 1) << MARK_SHIFT;

  private final Records records;
  private long lastTick;

  LeafRecords(RecordMemory memory) {
    this.records = memory.table(RECORD_BYTES);
  }

  /** Makes records up to this id usable. */
  void ensure(int id) {
    records.ensure(id);
  }

  /** Makes a block known: held, of this mark, with a new tick. */
  void enter(int id, int mark) {
    records.ensure(id);
    records.setLong(id, STATE, ++lastTick << TICK_SHIFT | (long) mark << MARK_SHIFT);
  }

  /** Gives a block that is in no queue the newest tick. */
  void renew(int id) {
    records.setLong(id, STATE, ++lastTick << TICK_SHIFT | (state(id) & (MARK_MASK | PLACE_MASK)));
  }

  long tick(int id) {
    return state(id) >>> TICK_SHIFT;
  }

  int mark(int id) {
    return (int) ((state(id) & MARK_MASK) >>> MARK_SHIFT);
  }

  void setMark(int id, int mark) {
    records.setLong(id, STATE, (state(id) & ~MARK_MASK) | (long) mark << MARK_SHIFT);
  }

  int place(int id) {
    return (int) (state(id) & PLACE_MASK);
  }

  boolean isHeld(int id) {
    return place(id) == HELD;
  }

  void setPlace(int id, int place) {
    records.setLong(id, STATE, (state(id) & ~PLACE_MASK) | place);
  }

  int older(int id) {
    return records.getInt(id, OLDER);
  }

  void setOlder(int id, int older) {
    records.setInt(id, OLDER, older);
  }

  int younger(int id) {
    return records.getInt(id, YOUNGER);
  }

  void setYounger(int id, int younger) {
    records.setInt(id, YOUNGER, younger);
  }

  private long state(int id) {
    return records.getLong(id, STATE);
  }
}
