package io.kveik.server.cache.eviction;

import java.util.Arrays;

/**
 * The {@link ReuseCurves} cells in the order of what a block in them is worth, least first; of
 * equal ones the older age first. Sorting is O(cells log cells), the rest O(1). Single-threaded.
 */
final class CellOrder {
  private static final int CELLS = ReuseCurves.CELLS;
  private static final int PLACE_MASK = (1 << ReuseCurves.CELL_BITS) - 1;

  private final int[] rankOf = new int[CELLS];
  private final int[] cellAt = new int[CELLS];
  private final long[] sortKeys = new long[CELLS];

  CellOrder() {
    sort(new double[CELLS]);
  }

  /** Puts the cells in the order of these values, none negative. */
  void sort(double[] values) {
    for (int cell = 0; cell < CELLS; cell++) {
      int youth = AgeBuckets.COUNT - 1 - cell % AgeBuckets.COUNT;
      int place = youth * ReuseClass.COUNT + cell / AgeBuckets.COUNT;
      sortKeys[cell] =
          (long) Float.floatToIntBits((float) values[cell]) << ReuseCurves.CELL_BITS | place;
    }
    Arrays.sort(sortKeys);
    for (int rank = 0; rank < CELLS; rank++) {
      int place = (int) sortKeys[rank] & PLACE_MASK;
      int bucket = AgeBuckets.COUNT - 1 - place / ReuseClass.COUNT;
      int cell = place % ReuseClass.COUNT * AgeBuckets.COUNT + bucket;
      cellAt[rank] = cell;
      rankOf[cell] = rank;
    }
  }

  int rankOf(int cell) {
    return rankOf[cell];
  }

  int cellAt(int rank) {
    return cellAt[rank];
  }
}
