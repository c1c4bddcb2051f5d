package io.kveik.server.memory;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/**
 * The off-heap memory of several tables of {@link Records}: one owner, one close.
 *
 * <p>Any thread may make tables and ask for figures. After {@link #close} every access to a table
 * fails with {@link IllegalStateException}; none reads memory that is gone.
 */
public final class RecordMemory implements AutoCloseable {
  private final Arena arena = Arena.ofShared();
  private final List<Records> tables = new CopyOnWriteArrayList<>();

  private final boolean hugePages;

  private RecordMemory(boolean hugePages) {
    this.hugePages = hugePages;
  }

  /** Memory in the system's usual pages. */
  public static RecordMemory open() {
    return new RecordMemory(false);
  }

  /**
   * Memory in huge pages of 2 MiB where the system has them, but for the first chunk of each table:
   * what stays small takes little. A hint.
   */
  public static RecordMemory openWithHugePages() {
    return new RecordMemory(true);
  }

  /**
   * A new, empty table.
   *
   * @param recordBytes length of a record: a multiple of 4, at least 4, at most {@link
   *     Records#MAX_RECORD_BYTES}; records with longs in them need a multiple of 8
   * @throws IllegalArgumentException for another length
   */
  public Records table(int recordBytes) {
    Records table = new Records(this, recordBytes);
    tables.add(table);
    return table;
  }

  /** Bytes of all records that were ever in use: what is resident, up to page rounding. */
  public long usedBytes() {
    long bytes = 0;
    for (Records table : tables) {
      bytes += table.usedBytes();
    }
    return bytes;
  }

  /** Gives all of it back to the system. Once only. */
  @Override
  public void close() {
    arena.close();
  }

  /** A table's first chunk. */
  MemorySegment firstChunk(long bytes) {
    return AnonymousMemory.map(arena, bytes);
  }

  /** One more chunk for a table that turned out large. */
  MemorySegment nextChunk(long bytes) {
    return hugePages ? AnonymousMemory.mapHuge(arena, bytes) : AnonymousMemory.map(arena, bytes);
  }
}
