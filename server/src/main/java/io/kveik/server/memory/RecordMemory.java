package io.kveik.server.memory;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/**
 * The off-heap memory of several tables of {@link Records}: one owner, one close.
 *
 * <p>Any thread may make tables and ask for figures. {@link #close} gives the memory back to the
 * system but leaves its addresses mapped until the collector finds that nobody has a table of it
 * any more, so that readers that take no lock need not be waited for, nor look at every access
 * whether the memory is still there: what they read from then on means nothing, and harms nobody.
 */
public final class RecordMemory implements AutoCloseable {
  private final Arena arena = Arena.ofAuto();
  private final List<Records> tables = new CopyOnWriteArrayList<>();
  private final List<MemorySegment> chunks = new ArrayList<>();

  private final boolean hugePages;
  private final long maxBytes;
  private long mappedBytes;

  /** Written by whoever may write to the tables, and read by them; for others it is late. */
  private boolean closed;

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

  /**
   * Gives all of it back to the system; elsewhere than on Linux not before nobody has a table of it
   * any more. Changes of a table fail from now on, with {@link IllegalStateException}. To be called
   * by whoever may write to the tables.
   */
  @Override
  public synchronized void close() {
    closed = true;
    chunks.forEach(AnonymousMemory::discard);
    chunks.clear();
  }

  /**
   * @throws IllegalStateException after {@link #close}
   */
  void checkOpen() {
    if (closed) {
      throw new IllegalStateException("the records' memory is closed");
    }
  }

  /** A table's first chunk. */
  MemorySegment firstChunk(long bytes) {
    return chunk(bytes, false);
  }

  /** One more chunk for a table that turned out large. */
  MemorySegment nextChunk(long bytes) {
    return chunk(bytes, hugePages);
  }

  private synchronized MemorySegment chunk(long bytes, boolean huge) {
    checkOpen();
    if (mappedBytes + bytes > maxBytes) {
      throw new OutOfMemoryError(
          "records: %d bytes more than the %d mapped, at most %d"
              .formatted(bytes, mappedBytes, maxBytes));
    }
    MemorySegment chunk =
        huge ? AnonymousMemory.mapHuge(arena, bytes) : AnonymousMemory.map(arena, bytes);
    chunks.add(chunk);
    mappedBytes += bytes;
    return chunk;
  }
}
