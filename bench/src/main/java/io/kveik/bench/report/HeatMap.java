package io.kveik.bench.report;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import java.util.EnumMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLongArray;

/**
 * How many calls of which latency began when: columns of time, rows of latency, two rows to each
 * doubling. Recording is thread-safe and wait-free. Memory: {@value #COLUMNS} * {@value #ROWS}
 * counters for each operation, at most.
 */
public final class HeatMap {
  /** The most columns; what begins later counts in the last. */
  public static final int COLUMNS = 600;

  /** Row r holds latencies from 2^(r/2) microseconds on; the last has all that are longer. */
  public static final int ROWS = 52;

  private static final double ROWS_PER_DOUBLING = 2;
  private static final double LOG_2 = Math.log(2);
  private static final int CELL_FIELDS = 3;

  private final long columnNanos;
  private final Map<Operation, AtomicLongArray> counts = new EnumMap<>(Operation.class);

  /**
   * An empty one.
   *
   * @param columnSeconds width of a column
   */
  public HeatMap(int columnSeconds) {
    this.columnNanos = TimeUnit.SECONDS.toNanos(columnSeconds);
    for (Operation operation : Operation.values()) {
      counts.put(operation, new AtomicLongArray(COLUMNS * ROWS));
    }
  }

  /** The narrowest columns, in whole seconds, with which so long a run fits. */
  public static int columnSeconds(long seconds) {
    return Math.toIntExact(Math.max(1, Math.ceilDiv(seconds, COLUMNS)));
  }

  /** Width of a column. */
  public int columnSeconds() {
    return (int) TimeUnit.NANOSECONDS.toSeconds(columnNanos);
  }

  /** Counts a call that began so long after the start and took so long. */
  public void record(Operation operation, long sinceStartNanos, long latencyNanos) {
    int column = Math.clamp(sinceStartNanos / columnNanos, 0, COLUMNS - 1);
    of(operation).incrementAndGet(column * ROWS + row(latencyNanos));
  }

  /** The row of a latency. */
  static int row(long latencyNanos) {
    double micros = Math.max(1, latencyNanos / 1e3);
    return (int) Math.min(ROWS - 1, ROWS_PER_DOUBLING * Math.log(micros) / LOG_2);
  }

  /** Adds what another one has counted; both have the same columns. */
  public void add(HeatMap other) {
    counts.forEach((operation, own) -> {
      AtomicLongArray others = other.of(operation);
      for (int i = 0; i < own.length(); i++) {
        if (others.get(i) != 0) {
          own.addAndGet(i, others.get(i));
        }
      }
    });
  }

  /** For each operation that occurred: column, row, count, of each cell that is not empty. */
  public JsonObject toJson() {
    JsonObject json = new JsonObject();
    counts.forEach((operation, cells) -> {
      JsonArray filled = new JsonArray();
      for (int i = 0; i < cells.length(); i++) {
        if (cells.get(i) != 0) {
          filled.add(i / ROWS);
          filled.add(i % ROWS);
          filled.add(cells.get(i));
        }
      }
      if (!filled.isEmpty()) {
        json.add(operation.key(), filled);
      }
    });
    return json;
  }

  /** Adds what {@link #toJson} has written. */
  public void addJson(JsonObject json) {
    counts.forEach((operation, own) -> {
      JsonArray filled = json.getAsJsonArray(operation.key());
      for (int i = 0; filled != null && i < filled.size(); i += CELL_FIELDS) {
        int cell = filled.get(i).getAsInt() * ROWS + filled.get(i + 1).getAsInt();
        own.addAndGet(cell, filled.get(i + 2).getAsLong());
      }
    });
  }

  @SuppressWarnings("NullAway") // Every operation has its counts from the start.
  private AtomicLongArray of(Operation operation) {
    return counts.get(operation);
  }
}
