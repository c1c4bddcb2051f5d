package io.kveik.server.cache.eviction;

import io.kveik.server.memory.RecordMemory;
import io.kveik.server.memory.Records;

/**
 * One record for each block, by which {@link LeafCells} keep those that are free by class and age;
 * and the clock of these ages.
 *
 * <pre>
 *   record  0          4                                 8       12        16
 *           +----------+---------------------------------+-------+---------+
 *           | last use | level u6 | listed u1 | cell u12 | older | younger |
 *           +----------+---------------------------------+-------+---------+
 *           cell    class × buckets + bucket of its age when it was last moved
 *           level   see {@link BlockValue}
 * </pre>
 *
 * <p>16 bytes a block off-heap. A record has the low half of a time, so ages are good to four
 * billion. Single-threaded.
 */
final class AgedRecords {
  private static final int RECORD_BYTES = 16;
  private static final int LAST_USE = 0;
  private static final int STATE = 4;
  private static final int OLDER = 8;
  private static final int YOUNGER = 12;

  private static final int CELL_MASK = (1 << ReuseCurves.CELL_BITS) - 1;
  private static final int LISTED = 1 << ReuseCurves.CELL_BITS;
  private static final int LEVEL_SHIFT = ReuseCurves.CELL_BITS + 1;

  private final Records records;
  private long now;

  AgedRecords(RecordMemory memory) {
    this.records = memory.table(RECORD_BYTES);
  }

  void tick() {
    now++;
  }

  long now() {
    return now;
  }

  /** Makes records up to this id usable. */
  void ensure(int id) {
    records.ensure(id);
  }

  /** A block that is used now, for the first time here; not listed. */
  void enter(int id, int reuseClass, int level) {
    records.ensure(id);
    records.setInt(id, STATE, level << LEVEL_SHIFT);
    use(id, reuseClass);
  }

  /** A block that is not listed is used now and is of that class from now on. */
  void use(int id, int reuseClass) {
    records.setInt(id, LAST_USE, (int) now);
    setCell(id, ReuseCurves.cell(reuseClass, 0));
  }

  /** Puts a block that is not listed into another class; its age stays. */
  void setReuseClass(int id, int reuseClass) {
    setCell(id, ReuseCurves.cell(reuseClass, age(id)));
  }

  int reuseClass(int id) {
    return cell(id) / AgeBuckets.COUNT;
  }

  long lastUse(int id) {
    return now - age(id);
  }

  long age(int id) {
    return Integer.toUnsignedLong((int) now - records.getInt(id, LAST_USE));
  }

  int level(int id) {
    return state(id) >>> LEVEL_SHIFT;
  }

  int cell(int id) {
    return state(id) & CELL_MASK;
  }

  void setCell(int id, int cell) {
    records.setInt(id, STATE, (state(id) & ~CELL_MASK) | cell);
  }

  boolean isListed(int id) {
    return (state(id) & LISTED) != 0;
  }

  void setListed(int id, boolean listed) {
    records.setInt(id, STATE, listed ? state(id) | LISTED : state(id) & ~LISTED);
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

  private int state(int id) {
    return records.getInt(id, STATE);
  }
}
