package io.kveik.server.cache.eviction;

import io.kveik.server.memory.RecordMemory;
import io.kveik.server.memory.Records;
import java.util.Arrays;

/**
 * Blocks with their class and the time of their last use; the free ones in a list for each cell of
 * class and age, and the cells in an order that its owner sets.
 *
 * <pre>
 *   record  0          4                      8       12        16
 *           +----------+----------------------+-------+---------+
 *           | last use | listed u1 | cell u10 | older | younger |
 *           +----------+----------------------+-------+---------+
 *           cell   class × buckets + bucket of its age when it was last moved
 * </pre>
 *
 * <p>Blocks move from cell to cell as they grow older: {@link #tick} looks at the old end of a list
 * four times while a block crosses its bucket. A list is in order of last use but for those that
 * were released late, which join at the end they are nearer to; they may be moved on somewhat late.
 *
 * <p>16 bytes a block. All calls are O(1) amortised, but {@link #rank}, which sorts all cells. A
 * record has the low half of a time: ages are good to four billion. Single-threaded.
 */
final class LeafCells {
  private static final int NONE = Records.NONE;
  private static final int RECORD_BYTES = 16;
  private static final int LAST_USE = 0;
  private static final int STATE = 4;
  private static final int OLDER = 8;
  private static final int YOUNGER = 12;

  private static final int CELL_BITS = 10;
  private static final int CELL_MASK = (1 << CELL_BITS) - 1;
  private static final int LISTED = 1 << CELL_BITS;

  private static final int CELLS = ReuseCurves.CELLS;
  private static final int SWEEPS_PER_BUCKET = 4;

  private final Records records;
  private final int[] oldest = new int[CELLS];
  private final int[] youngest = new int[CELLS];
  private final int[] rankOf = new int[CELLS];
  private final int[] cellAt = new int[CELLS];
  private final long[] sortKeys = new long[CELLS];

  /** Bit r: the cell of rank r has blocks. */
  private final long[] occupied = new long[(CELLS + Long.SIZE - 1) / Long.SIZE];

  private long now;

  LeafCells(RecordMemory memory) {
    this.records = memory.table(RECORD_BYTES);
    rank(new double[CELLS]);
  }

  /** Time goes on by one. */
  void tick() {
    now++;
    for (int bucket = 0; bucket < AgeBuckets.COUNT - 1; bucket++) {
      if ((now & (sweepPeriod(bucket) - 1)) != 0) {
        break;
      }
      for (int cell = bucket; cell < CELLS; cell += AgeBuckets.COUNT) {
        moveOn(cell);
      }
    }
  }

  long now() {
    return now;
  }

  /** A block that is used now, for the first time here; free. */
  void enter(int id, int reuseClass) {
    records.ensure(id);
    records.setInt(id, LAST_USE, (int) now);
    records.setInt(id, STATE, ReuseCurves.cell(reuseClass, 0));
    addYoungest(id);
  }

  /** A block is used now and is of that class from now on. */
  void use(int id, int reuseClass) {
    boolean listed = isListed(id);
    if (listed) {
      unlink(id);
    }
    records.setInt(id, LAST_USE, (int) now);
    records.setInt(id, STATE, ReuseCurves.cell(reuseClass, 0));
    if (listed) {
      addYoungest(id);
    }
  }

  int reuseClass(int id) {
    return (state(id) & CELL_MASK) / AgeBuckets.COUNT;
  }

  /** When the block was last used. */
  long lastUse(int id) {
    return now - age(id);
  }

  /** No effect on a block that is held. */
  void hold(int id) {
    if (isListed(id)) {
      unlink(id);
    }
  }

  /** Lists a block that was held. */
  void release(int id) {
    int cell = ReuseCurves.cell(reuseClass(id), age(id));
    records.setInt(id, STATE, cell);
    int first = oldest[cell];
    if (first == NONE || (age(id) < age(first) && age(id) <= age(youngest[cell]))) {
      addYoungest(id);
    } else {
      addOldest(id);
    }
  }

  /** The oldest block of the occupied cell of lowest rank; {@link Records#NONE} without any. */
  int first() {
    for (int i = 0; i < occupied.length; i++) {
      if (occupied[i] != 0) {
        return oldest[cellAt[i * Long.SIZE + Long.numberOfTrailingZeros(occupied[i])]];
      }
    }
    return NONE;
  }

  /** Puts the cells in the order of these values; of equal ones the older age first. */
  void rank(double[] values) {
    for (int cell = 0; cell < CELLS; cell++) {
      int youth = AgeBuckets.COUNT - 1 - cell % AgeBuckets.COUNT;
      int place = youth * ReuseClass.COUNT + cell / AgeBuckets.COUNT;
      sortKeys[cell] = (long) Float.floatToIntBits((float) values[cell]) << CELL_BITS | place;
    }
    Arrays.sort(sortKeys);
    Arrays.fill(occupied, 0);
    for (int rank = 0; rank < CELLS; rank++) {
      int place = (int) sortKeys[rank] & CELL_MASK;
      int bucket = AgeBuckets.COUNT - 1 - place / ReuseClass.COUNT;
      int cell = place % ReuseClass.COUNT * AgeBuckets.COUNT + bucket;
      cellAt[rank] = cell;
      rankOf[cell] = rank;
      if (oldest[cell] != NONE) {
        occupy(cell);
      }
    }
  }

  /** A power of two, so that the periods of all buckets before divide it. */
  private static int sweepPeriod(int bucket) {
    int width = (int) (AgeBuckets.from(bucket + 1) - AgeBuckets.from(bucket));
    return Math.max(1, Integer.highestOneBit(Math.max(1, width)) / SWEEPS_PER_BUCKET);
  }

  private void moveOn(int cell) {
    int id;
    while ((id = oldest[cell]) != NONE) {
      int due = ReuseCurves.cell(cell / AgeBuckets.COUNT, age(id));
      if (due == cell) {
        return;
      }
      unlink(id);
      records.setInt(id, STATE, due);
      addYoungest(id);
    }
  }

  private void addYoungest(int id) {
    int cell = list(id);
    int before = youngest[cell];
    records.setInt(id, OLDER, before);
    records.setInt(id, YOUNGER, NONE);
    youngest[cell] = id;
    if (before == NONE) {
      oldest[cell] = id;
      occupy(cell);
    } else {
      records.setInt(before, YOUNGER, id);
    }
  }

  /** To a cell that has blocks. */
  private void addOldest(int id) {
    int cell = list(id);
    int after = oldest[cell];
    records.setInt(id, OLDER, NONE);
    records.setInt(id, YOUNGER, after);
    records.setInt(after, OLDER, id);
    oldest[cell] = id;
  }

  /** Marks a block as listed; its cell. */
  private int list(int id) {
    int state = state(id);
    records.setInt(id, STATE, state | LISTED);
    return state & CELL_MASK;
  }

  private void unlink(int id) {
    int state = state(id);
    int cell = state & CELL_MASK;
    int before = records.getInt(id, OLDER);
    int after = records.getInt(id, YOUNGER);
    if (before == NONE) {
      oldest[cell] = after;
    } else {
      records.setInt(before, YOUNGER, after);
    }
    if (after == NONE) {
      youngest[cell] = before;
    } else {
      records.setInt(after, OLDER, before);
    }
    if (oldest[cell] == NONE) {
      int rank = rankOf[cell];
      occupied[rank / Long.SIZE] &= ~(1L << rank);
    }
    records.setInt(id, STATE, state & ~LISTED);
  }

  private void occupy(int cell) {
    int rank = rankOf[cell];
    occupied[rank / Long.SIZE] |= 1L << rank;
  }

  private long age(int id) {
    return Integer.toUnsignedLong((int) now - records.getInt(id, LAST_USE));
  }

  private boolean isListed(int id) {
    return (state(id) & LISTED) != 0;
  }

  private int state(int id) {
    return records.getInt(id, STATE);
  }
}
