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

  /** Every address there is, for as long as this is open; see {@link Records#address}. */
  private final MemorySegment all = MemorySegment.NULL.reinterpret(Long.MAX_VALUE, arena, null);

  private final List<Records> tables = new CopyOnWriteArrayList<>();

  private final boolean hugePages;
  private final long maxBytes;
  private long mappedBytes;

  private RecordMemory(boolean hugePages, long maxBytes) {
    this.hugePages = hugePages;
    this.maxBytes = maxBytes;
  }

  /** Memory in the system's usual pages. */
  public static RecordMemory open() {
    return new RecordMemory(false, Long.MAX_VALUE);
  }

  /**
   * Memory in huge pages of 2 MiB where the system has them, but for the first chunk of each table:
   * what stays small takes little. A hint.
   */
  public static RecordMemory openWithHugePages() {
    return new RecordMemory(true, Long.MAX_VALUE);
  }

  /**
   * Memory in the system's usual pages that maps no more than so many bytes, whole chunks: what is
   * asked beyond is refused as the system would.
   */
  public static RecordMemory openBounded(long maxBytes) {
    return new RecordMemory(false, maxBytes);
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

  /**
   * Makes sure that every table has room for so many records more, so that a change of several
   * tables does not fail half-way for want of memory. O(tables).
   *
   * @throws OutOfMemoryError if the system refuses memory; no record has changed then
   */
  public void reserve(int records) {
    for (Records table : tables) {
      table.reserve(records);
    }
  }

  /** Gives all of it back to the system. Once only. */
  @Override
  public void close() {
    arena.close();
  }

  /**
   * All of the process's memory, of which tables read and write only their own chunks: so an access
   * need not find its chunk's segment, and still fails once this is closed.
   */
  MemorySegment all() {
    return all;
  }

  /** A table's first chunk. */
  MemorySegment firstChunk(long bytes) {
    count(bytes);
    return AnonymousMemory.map(arena, bytes);
  }

  /** One more chunk for a table that turned out large. */
  MemorySegment nextChunk(long bytes) {
    count(bytes);
    return hugePages ? AnonymousMemory.mapHuge(arena, bytes) : AnonymousMemory.map(arena, bytes);
  }

  private synchronized void count(long bytes) {
    if (mappedBytes + bytes > maxBytes) {
      throw new OutOfMemoryError(
          "records: %d bytes more than the %d mapped, at most %d"
              .formatted(bytes, mappedBytes, maxBytes));
    }
    mappedBytes += bytes;
  }
}
