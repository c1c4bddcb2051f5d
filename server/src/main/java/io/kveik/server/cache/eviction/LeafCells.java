package io.kveik.server.cache.eviction;

import io.kveik.server.memory.Records;
import java.util.Arrays;

/**
 * Free blocks, in a list for each cell of class and age.
 *
 * <p>Blocks move from cell to cell as they grow older: {@link #moveOn} looks at the old end of a
 * list four times while a block crosses its bucket. A list is in order of last use but for those
 * that were released late, which join at the end they are nearer to; they may be moved on somewhat
 * late.
 *
 * <p>All calls are O(1) amortised, but {@link #reorder}, which is O(cells). Several may share
 * {@link AgedRecords}; a block is in one of them at most. Single-threaded.
 */
final class LeafCells {
  private static final int NONE = Records.NONE;
  private static final int CELLS = ReuseCurves.CELLS;
  private static final int SWEEPS_PER_BUCKET = 4;

  private final AgedRecords records;
  private final CellOrder order;
  private final int[] oldest = new int[CELLS];
  private final int[] youngest = new int[CELLS];

  /** Bit r: the cell of rank r has blocks. */
  private final long[] occupied = new long[(CELLS + Long.SIZE - 1) / Long.SIZE];

  private int size;

  LeafCells(AgedRecords records, CellOrder order) {
    this.records = records;
    this.order = order;
  }

  /** To be called whenever time has gone on. */
  void moveOn() {
    if (size == 0) {
      return;
    }
    for (int bucket = 0; bucket < AgeBuckets.COUNT - 1; bucket++) {
      if ((records.now() & (sweepPeriod(bucket) - 1)) != 0) {
        break;
      }
      for (int cell = bucket; cell < CELLS; cell += AgeBuckets.COUNT) {
        moveOn(cell);
      }
    }
  }

  /** Adds a block that is not listed and is used now. */
  void addUsed(int id) {
    linkYoungest(list(id), id);
  }

  /** Adds a block that is not listed and was used at some time. */
  void add(int id) {
    int cell = list(id);
    int first = oldest[cell];
    if (first == NONE
        || (records.age(id) < records.age(first)
            && records.age(id) <= records.age(youngest[cell]))) {
      linkYoungest(cell, id);
    } else {
      linkOldest(cell, id);
    }
  }

  /** Takes a block out that is listed here. */
  void remove(int id) {
    unlink(records.cell(id), id);
    records.setListed(id, false);
    size--;
  }

  /** The oldest block of the occupied cell of lowest rank; {@link Records#NONE} without any. */
  int first() {
    for (int i = 0; i < occupied.length; i++) {
      if (occupied[i] != 0) {
        return oldest[order.cellAt(i * Long.SIZE + Long.numberOfTrailingZeros(occupied[i]))];
      }
    }
    return NONE;
  }

  /** To be called whenever the order has changed. */
  void reorder() {
    Arrays.fill(occupied, 0);
    for (int cell = 0; cell < CELLS; cell++) {
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
      int due = ReuseCurves.cell(cell / AgeBuckets.COUNT, records.age(id));
      if (due == cell) {
        return;
      }
      unlink(cell, id);
      records.setCell(id, due);
      linkYoungest(due, id);
    }
  }

  /** Marks a block as listed; its cell now. */
  private int list(int id) {
    int cell = ReuseCurves.cell(records.reuseClass(id), records.age(id));
    records.setCell(id, cell);
    records.setListed(id, true);
    size++;
    return cell;
  }

  private void linkYoungest(int cell, int id) {
    int before = youngest[cell];
    records.setOlder(id, before);
    records.setYounger(id, NONE);
    youngest[cell] = id;
    if (before == NONE) {
      oldest[cell] = id;
      occupy(cell);
    } else {
      records.setYounger(before, id);
    }
  }

  /** To a cell that has blocks. */
  private void linkOldest(int cell, int id) {
    int after = oldest[cell];
    records.setOlder(id, NONE);
    records.setYounger(id, after);
    records.setOlder(after, id);
    oldest[cell] = id;
  }

  private void unlink(int cell, int id) {
    int before = records.older(id);
    int after = records.younger(id);
    if (before == NONE) {
      oldest[cell] = after;
    } else {
      records.setYounger(before, after);
    }
    if (after == NONE) {
      youngest[cell] = before;
    } else {
      records.setOlder(after, before);
    }
    if (oldest[cell] == NONE) {
      int rank = order.rankOf(cell);
      occupied[rank / Long.SIZE] &= ~(1L << rank);
    }
  }

  private void occupy(int cell) {
    int rank = order.rankOf(cell);
    occupied[rank / Long.SIZE] |= 1L << rank;
  }
}
