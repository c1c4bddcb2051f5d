package io.kveik.server.memory;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.MemorySegment;
import java.lang.invoke.VarHandle;
import java.util.Arrays;

/**
 * Off-heap records of one fixed length, addressed by a dense int id: an array of structs that grows
 * without ever moving one.
 *
 * <pre>
 *   id ──► chunks[id / per chunk] ──► + (id mod per chunk) × record length
 *          2 MiB of anonymous memory or more, resident page by page as records are first used
 * </pre>
 *
 * <p>Ids start at 1, so that 0 can stand for none. {@link #allocate} hands out ids and {@link
 * #free} takes them back; a table whose ids another table hands out calls {@link #ensure} instead.
 * Memory of freed records is used again, never returned before the {@link RecordMemory} closes.
 *
 * <p>One thread at a time may allocate, free, ensure and write. Others may read meanwhile any id
 * that they were shown by an acquiring read of what was released after its allocation; that what
 * they read belongs together is for their own protocol to find out. All calls are O(1).
 *
 * <p>After the {@link RecordMemory}'s close what is read means nothing, and changes throw {@link
 * IllegalStateException}.
 */
public final class Records {
  public static final int MAX_RECORD_BYTES = 1 << 20;

  /** A chunk is a multiple of huge pages unless that would take more than this. */
  private static final long LARGEST_EVEN_CHUNK_BYTES = 32L << 20;

  /** No record. */
  public static final int NONE = 0;

  private static final VarHandle LONG = JAVA_LONG.varHandle();

  /**
   * Every address there is, of which tables use only their own chunks': so an access need not find
   * its chunk's segment. A constant that nothing closes, so that the compiler leaves out the checks
   * of bounds and scope.
   */
  private static final MemorySegment ALL = MemorySegment.NULL.reinterpret(Long.MAX_VALUE);

  private static final int LINK = 0;

  private final RecordMemory memory;
  private final int recordBytes;
  private final int perChunkShift;
  private final int perChunkMask;

  /** Their addresses. Replaced by a longer copy, never changed in place below its length. */
  private long[] chunks;

  private int highest;
  private int firstFree = NONE;
  private int freeCount;

  Records(RecordMemory memory, int recordBytes) {
    if (recordBytes < Integer.BYTES
        || recordBytes % Integer.BYTES != 0
        || recordBytes > MAX_RECORD_BYTES) {
      throw new IllegalArgumentException(
          "recordBytes=" + recordBytes + ", must be a multiple of 4 from 4 to " + MAX_RECORD_BYTES);
    }
    this.memory = memory;
    this.recordBytes = recordBytes;
    this.perChunkShift = perChunkShift(recordBytes);
    this.perChunkMask = (1 << perChunkShift) - 1;
    this.chunks = new long[] {memory.firstChunk(chunkBytes()).address()};
  }

  /**
   * A record nobody uses, all zero.
   *
   * @throws OutOfMemoryError if the system refuses memory; nothing has changed then
   */
  public int allocate() {
    int id = firstFree;
    if (id != NONE) {
      firstFree = getInt(id, LINK);
      freeCount--;
      clear(id);
      return id;
    }
    ensure(highest + 1);
    return highest;
  }

  /** Takes a record back; its content is arbitrary from now on. */
  public void free(int id) {
    setInt(id, LINK, firstFree);
    firstFree = id;
    freeCount++;
  }

  /**
   * Maps memory for so many records more than are in use, so that as many {@link #allocate}s, or
   * {@link #ensure}s of ids not further ahead, will not need the system.
   *
   * @throws OutOfMemoryError if the system refuses memory; nothing has changed then
   */
  void reserve(int records) {
    while (freeCount + ((long) chunks.length << perChunkShift) - 1 - highest < records) {
      addChunk();
    }
  }

  /**
   * Makes the records up to this id usable; new ones are zero.
   *
   * @throws OutOfMemoryError if the system refuses memory; nothing has changed then
   */
  public void ensure(int id) {
    memory.checkOpen();
    while (id >>> perChunkShift >= chunks.length) {
      addChunk();
    }
    highest = Math.max(highest, id);
  }

  private void addChunk() {
    long[] longer = Arrays.copyOf(chunks, chunks.length + 1);
    longer[chunks.length] = memory.nextChunk(chunkBytes()).address();
    chunks = longer;
  }

  /** The highest id that was ever usable. */
  public int highest() {
    return highest;
  }

  /** Zeroes a record. */
  public void clear(int id) {
    memory.checkOpen();
    ALL.asSlice(address(id), recordBytes).fill((byte) 0);
  }

  public int getInt(int id, long field) {
    return intAt(address(id) + field);
  }

  public void setInt(int id, long field, int value) {
    memory.checkOpen();
    ALL.set(JAVA_INT, address(id) + field, value);
  }

  public long getLong(int id, long field) {
    return longAt(address(id) + field);
  }

  public void setLong(int id, long field, long value) {
    memory.checkOpen();
    ALL.set(JAVA_LONG, address(id) + field, value);
  }

  public void setLongRelease(int id, long field, long value) {
    memory.checkOpen();
    LONG.setRelease(ALL, address(id) + field, value);
  }

  /**
   * Reads a long that {@link #setLongRelease} wrote: what its writer did before is seen too.
   *
   * @param address of the field; see {@link #longAt}
   */
  public static long getLongAcquire(long address) {
    return (long) LONG.getAcquire(ALL, address);
  }

  /**
   * Reads a field by its address, for reading several of a record at the cost of finding it once.
   *
   * @param address of a record, by {@link #address}, plus the field; unchecked, like that its table
   *     is still reachable: a reader that is not its owner sees to that with a {@link
   *     java.lang.ref.Reference#reachabilityFence}
   */
  public static long longAt(long address) {
    return ALL.get(JAVA_LONG, address);
  }

  /** As {@link #longAt}. */
  public static int intAt(long address) {
    return ALL.get(JAVA_INT, address);
  }

  /** Where a record starts, in the process's memory; it stays there. */
  public long address(int id) {
    return chunks[id >>> perChunkShift] + (long) (id & perChunkMask) * recordBytes;
  }

  /**
   * Reads a long of each of these records, to have them at hand: the waits for memory overlap, as
   * far as the processor runs ahead, and so the loop does nothing else.
   *
   * @param addresses of the records, whose length is a multiple of 8
   * @return nothing of meaning; kept by the caller, so that the compiler keeps the reads
   */
  public static long peek(long[] addresses, int count, long field) {
    long read = 0;
    for (int i = 0; i < count; i++) {
      read ^= longAt(addresses[i] + field);
    }
    return read;
  }

  long usedBytes() {
    return (long) highest * recordBytes;
  }

  private long chunkBytes() {
    return (long) recordBytes << perChunkShift;
  }

  /** The least power of two of records that fills huge pages without a rest. */
  private static int perChunkShift(int recordBytes) {
    int shift = 0;
    long bytes = recordBytes;
    while (bytes < AnonymousMemory.HUGE_PAGE_BYTES
        || (bytes % AnonymousMemory.HUGE_PAGE_BYTES != 0 && bytes < LARGEST_EVEN_CHUNK_BYTES)) {
      bytes *= 2;
      shift++;
    }
    return shift;
  }
}
