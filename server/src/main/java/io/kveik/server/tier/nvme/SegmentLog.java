package io.kveik.server.tier.nvme;

import io.kveik.server.runtime.Randomness;
import io.kveik.server.tier.nvme.SegmentSupply.Spare;
import io.kveik.server.tier.nvme.StagingBuffers.Staging;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * The segments there are: the one that records are appended to, and those that are full, by age.
 *
 * <p>Any thread. One lock, held to hand out places and while a new segment is begun (one page
 * written), never over a record or a sync. Knows nothing of keys.
 */
final class SegmentLog implements AutoCloseable {
  /**
   * A place for one record; whoever got it gives it back by {@link SegmentLog#release}.
   *
   * @param entry its place in the segment's table
   */
  record Place(Segment segment, long position, int entry, long sequence) {}

  private final SegmentSupply supply;
  private final NvmeOptions options;
  private final StagingBuffers staging;
  private final NvmeCounters counters;
  private final long segmentBytes;
  private final AtomicReferenceArray<@Nullable Segment> bySlot =
      new AtomicReferenceArray<>(NvmeLayout.MAX_SLOTS);
  private final AtomicInteger doubtful = new AtomicInteger();
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition released = lock.newCondition();

  // Guarded by lock.
  private @Nullable Segment active;
  private final ArrayDeque<Segment> sealed = new ArrayDeque<>();
  private long nextSequence = 1;

  SegmentLog(
      SegmentFiles files,
      NvmeLayout layout,
      NvmeOptions options,
      StagingBuffers staging,
      NvmeCounters counters) {
    this.supply = new SegmentSupply(files, layout, options, counters);
    this.options = options;
    this.staging = staging;
    this.counters = counters;
    this.segmentBytes = options.effectiveSegmentBytes();
  }

  // ---- The opening, one thread.

  Segment segment(int slot, SegmentFile file, SegmentDescriptor.Header header) {
    return new Segment(slot, file, header, new GroupCommit(file, options.fsync(), counters.syncs));
  }

  /**
   * A file that was found free, or unreadable as a segment: its content is given up. For good: a
   * start that found it so may be followed by one that would not, if the page that says so is in
   * the system's cache alone.
   */
  void adoptSpare(int slot, SegmentFile file, long lengthBytes) throws IOException {
    invalidate(file);
    supply.found(slot, lengthBytes);
    supply.add(new Spare(slot, file));
  }

  /**
   * Segments that were found, by age; the youngest takes more records if it has room and no doubt.
   */
  void adopt(List<Segment> byAge, long sequenceAfter) throws IOException {
    nextSequence = sequenceAfter;
    for (Segment segment : byAge) {
      supply.found(segment.slot, segment.header.lengthBytes());
      bySlot.set(segment.slot, segment);
      sealed.add(segment);
      segment.sealed = true;
      doubtful.addAndGet(segment.doubtful ? 1 : 0);
    }
    Segment youngest = sealed.peekLast();
    if (youngest != null && !youngest.doubtful && fits(youngest, RecordDescriptor.PAGE_BYTES)) {
      sealed.removeLast();
      youngest.sealed = false;
      SegmentTable table = youngest.table;
      youngest.table = table == null ? SegmentTable.of(youngest.loaded) : table;
      youngest.loaded = null;
      // Or it would speak for the records to come as well; durable with the first of them.
      blankFooter(youngest);
      active = youngest;
    }
  }

  /**
   * Says that the records speak for themselves; not synced. A footer that was found unsound may be
   * there in part: with a table that is written over its own, it would be sound once more and hide
   * records that the start went by.
   */
  void blankFooter(Segment segment) throws IOException {
    blank(segment.file, SegmentDescriptor.footerAt(segment.header.lengthBytes()));
  }

  // ---- Appending.

  /**
   * A place for a record at the young end.
   *
   * @param mayBegin whether a new segment may be begun for it
   * @return empty when there is no room
   * @throws IOException when a new segment could not be begun
   */
  Optional<Place> reserve(long recordBytes, boolean mayBegin) throws IOException {
    Segment full = null;
    lock.lock();
    try {
      Segment segment = active;
      if (segment == null || !fits(segment, recordBytes)) {
        Segment next = mayBegin ? begin() : null;
        if (next == null) {
          return Optional.empty();
        }
        if (segment != null && seal(segment)) {
          full = segment;
        }
        active = next;
        segment = next;
      }
      SegmentTable table = segment.table;
      if (table == null) {
        throw new IllegalStateException("segment " + segment.slot + " takes records, has no table");
      }
      Place place = new Place(segment, segment.tail, table.reserve(), nextSequence++);
      segment.tail += recordBytes;
      segment.writing++;
      return Optional.of(place);
    } finally {
      lock.unlock();
      if (full != null) {
        writeFooter(full);
      }
    }
  }

  /**
   * Gives a place back.
   *
   * @param header the record's, when it is there and durable; else the place is lost
   */
  void release(Place place, @Nullable ByteBuffer header) {
    Segment segment = place.segment();
    boolean last;
    lock.lock();
    try {
      SegmentTable table = segment.table;
      if (header != null && table != null) {
        table.set(place.entry(), header);
      }
      segment.writing--;
      last = segment.sealed && segment.writing == 0;
      released.signalAll();
    } finally {
      lock.unlock();
    }
    if (last) {
      writeFooter(segment);
    }
  }

  /** A write or a sync of this segment failed: it takes no more records. */
  void failed(Segment segment) {
    counters.failures.increment();
    lock.lock();
    try {
      if (!segment.doubtful) {
        segment.doubtful = true;
        doubtful.incrementAndGet();
      }
      if (segment == active) {
        seal(segment);
        active = null;
      }
    } finally {
      lock.unlock();
    }
  }

  /** Whether the disk may hold records that were never acknowledged. */
  boolean inDoubt() {
    return doubtful.get() > 0;
  }

  private static boolean fits(Segment segment, long recordBytes) {
    int records = segment.table == null ? entries(segment.loaded) : segment.table.reserved();
    return segment.tail + recordBytes + SegmentDescriptor.footerBytes(records + 1L)
        <= segment.header.lengthBytes();
  }

  private static int entries(@Nullable ByteBuffer table) {
    return table == null ? 0 : table.limit() / RecordDescriptor.HEADER_BYTES;
  }

  /** True when nobody writes to it any more, so that it can have its footer. */
  private boolean seal(Segment segment) {
    segment.sealed = true;
    sealed.add(segment);
    return segment.writing == 0;
  }

  /** Makes the file of the next segment, ahead of need. */
  void prepare() {
    supply.prepare();
  }

  private @Nullable Segment begin() throws IOException {
    Spare spare = supply.take();
    if (spare == null) {
      return null;
    }
    boolean begun = false;
    try {
      SegmentDescriptor.Header header =
          new SegmentDescriptor.Header(newGeneration(), nextSequence, segmentBytes);
      Segment segment = segment(spare.slot(), spare.file(), header);
      segment.table = new SegmentTable();
      try (Staging one = staging.take()) {
        ByteBuffer page = one.buffer().limit(SegmentDescriptor.PAGE_BYTES);
        SegmentDescriptor.encode(header, page);
        SegmentFile.writeFully(segment.file, page, 0);
      }
      counters.writtenBytes.add(SegmentDescriptor.PAGE_BYTES);
      bySlot.set(segment.slot, segment);
      begun = true;
      return segment;
    } finally {
      if (!begun) {
        supply.giveBack(spare);
      }
    }
  }

  private static long newGeneration() {
    long generation;
    do {
      generation = ByteBuffer.wrap(Randomness.secureBytes(Long.BYTES)).getLong();
    } while (generation == 0);
    return generation;
  }

  /** Not synced: a footer that a power loss takes back is made again from the records. */
  void writeFooter(Segment segment) {
    SegmentTable table = segment.table;
    if (table == null) {
      return;
    }
    try {
      SegmentTables.writeFooter(segment, table.entered(), staging);
      segment.file.rest();
      lock.lock();
      try {
        segment.table = null;
      } finally {
        lock.unlock();
      }
    } catch (IOException e) {
      // The table stays in memory, and the next start goes by the records.
      counters.failures.increment();
    }
  }

  // ---- Freeing.

  /** Whether a segment could be begun now. */
  boolean hasRoom() {
    return supply.hasRoom();
  }

  /**
   * The segment to free next, waited for until nobody writes to it: one in which nothing lives, or
   * else the oldest. Only so can tombstones go with their segment: what they are for is in an older
   * one. A doubtful segment may have tombstones that nobody counted, and while older segments have
   * what those are for, removals must go on to doubt.
   *
   * @return null when none is full
   */
  @Nullable Segment nextToFree(LocationIndex index) {
    lock.lock();
    try {
      for (Segment segment : sealed) {
        if (segment.writing == 0
            && !segment.doubtful
            && segment.tombstones.get() == 0
            && index.blocksIn(segment.slot) == 0) {
          return segment;
        }
      }
      Segment oldest = sealed.peek();
      while (oldest != null && oldest.writing > 0) {
        released.awaitUninterruptibly();
        oldest = sealed.peek();
      }
      return oldest;
    } finally {
      lock.unlock();
    }
  }

  /** Makes sure that no start finds the file's records again. */
  void invalidate(SegmentFile file) throws IOException {
    blank(file, 0);
    if (options.fsync()) {
      counters.syncs.increment();
      file.force();
    }
  }

  private void blank(SegmentFile file, long position) throws IOException {
    try (Staging one = staging.take()) {
      ByteBuffer page = one.buffer().limit(SegmentDescriptor.PAGE_BYTES);
      while (page.hasRemaining()) {
        page.put((byte) 0);
      }
      SegmentFile.writeFully(file, page.flip(), position);
    }
    counters.writtenBytes.add(SegmentDescriptor.PAGE_BYTES);
  }

  /** Takes back the file of a segment that was invalidated and that no index leads to. */
  void retire(Segment segment) {
    lock.lock();
    try {
      bySlot.set(segment.slot, null);
      sealed.remove(segment);
      if (segment.doubtful) {
        doubtful.decrementAndGet();
      }
    } finally {
      lock.unlock();
    }
    counters.segmentsFreed.increment();
    supply.retire(segment);
  }

  // ---- Looking.

  /** Null when the slot has no segment now. */
  @Nullable Segment at(int slot) {
    return bySlot.get(slot);
  }

  /** All segments with records, oldest first. */
  List<Segment> segments() {
    lock.lock();
    try {
      List<Segment> all = new ArrayList<>(sealed);
      if (active != null) {
        all.add(active);
      }
      return all;
    } finally {
      lock.unlock();
    }
  }

  /** Length of all segment files, free ones included. */
  long fileBytes() {
    return supply.fileBytes();
  }

  /** The table of the segment while it is in memory for writing. */
  @Nullable SegmentTable tableOf(Segment segment) {
    lock.lock();
    try {
      return segment.table;
    } finally {
      lock.unlock();
    }
  }

  /** Writes the footer of the segment in use, so that the next start is quick, and closes all. */
  @Override
  public void close() {
    Segment last = active;
    if (last != null) {
      writeFooter(last);
    }
    segments().forEach(segment -> supply.close(segment.file));
    supply.close();
  }
}
