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

  private RecordMemory() {}

  public static RecordMemory open() {
    return new RecordMemory();
  }

  /**
   * A new, empty table.
   *
   * @param recordBytes length of a record: a multiple of 4, at least 4, at most {@link
   *     Records#CHUNK_BYTES}; records with longs in them need a multiple of 8
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

  MemorySegment chunk(long bytes) {
    return AnonymousMemory.map(arena, bytes);
  }
}
