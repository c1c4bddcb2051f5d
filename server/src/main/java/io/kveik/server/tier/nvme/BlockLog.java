package io.kveik.server.tier.nvme;

import io.kveik.server.block.BlockHeader;
import io.kveik.server.block.BlockKey;
import io.kveik.server.block.BlockRef;
import io.kveik.server.runtime.Clock;
import io.kveik.server.tier.BlockBuffers;
import io.kveik.server.tier.FindOutcome;
import io.kveik.server.tier.GetOutcome;
import io.kveik.server.tier.PutOutcome;
import io.kveik.server.tier.SelfEvictingTier.Retention;
import io.kveik.server.tier.StoredBlock;
import io.kveik.server.tier.encoded.BodyCodec;
import io.kveik.server.tier.encoded.EncodedBody;
import io.kveik.server.tier.nvme.SegmentLog.Place;
import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Collection;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The blocks in the log: what {@link NvmeTier} does while there is a disk.
 *
 * <p>Any thread. A block is in the index only while its record is durable and no later record of
 * its key says otherwise. I/O errors are thrown as they come; the tier makes outcomes of them.
 */
final class BlockLog implements Closeable {
  private final SegmentLog segments;
  private final LocationIndex index;
  private final HiddenRecords hidden = new HiddenRecords();
  private final KeyLocks locks;
  private final TableReader tables;
  private final BodyCodec codec;
  private final BlockReads reads;
  private final RecordWriter writer;
  private final LogRoom room;
  private final BlockRemovals removals;
  private final WriteBudget budget;
  private final Scrubber scrubber;
  private final NvmeCounters counters;
  private final NvmeOptions options;
  private final StagingBuffers staging;
  private final Closeable directory;

  BlockLog(
      SegmentLog segments,
      LocationIndex index,
      SegmentFiles files,
      StagingBuffers staging,
      BodyCodec codec,
      NvmeCounters counters,
      NvmeOptions options,
      Clock clock,
      Retention retention,
      Closeable directory) {
    this.segments = segments;
    this.index = index;
    this.staging = staging;
    this.codec = codec;
    this.counters = counters;
    this.options = options;
    this.directory = directory;
    this.locks = new KeyLocks();
    this.tables = new TableReader(segments, staging);
    RecordTransfer transfer =
        new RecordTransfer(
            staging,
            new ReadWindow(options.readWindowBytes()),
            files.alignmentBytes(),
            codec,
            counters);
    this.writer = new RecordWriter(files, staging, counters);
    this.budget = new WriteBudget(options.writeBytesPerDay(), options.budgetGhosts(), clock);
    Cleaner cleaner =
        new Cleaner(
            segments,
            index,
            locks,
            tables,
            transfer,
            budget,
            counters,
            clock,
            options.reinsertPercent(),
            retention);
    this.room = new LogRoom(cleaner, segments);
    this.removals = new BlockRemovals(segments, index, hidden, locks, writer, room);
    this.reads = new BlockReads(segments, index, hidden, locks, transfer, counters, retention);
    this.scrubber = new Scrubber(reads, segments, tables, index, counters);
  }

  PutOutcome put(StoredBlock block) throws IOException {
    if (index.get(block.header().key()) != Location.NONE) {
      // Before it is encoded for nothing.
      return new PutOutcome.AlreadyPresent();
    }
    try (EncodedBody body = codec.encode(block)) {
      return put(block.header(), body);
    }
  }

  private PutOutcome put(BlockHeader header, EncodedBody body) throws IOException {
    long recordBytes = RecordDescriptor.recordBytes(body.bytes().byteSize());
    long most = SegmentDescriptor.maxRecordBytes(options.effectiveSegmentBytes());
    if (recordBytes > most) {
      return new PutOutcome.Full(
          "record of " + recordBytes + " bytes exceeds what a segment has room for, " + most);
    }
    PutOutcome outcome = null;
    for (int attempt = 0; outcome == null; attempt++) {
      room.require(attempt);
      ReentrantLock lock = locks.of(header.key());
      lock.lock();
      try {
        outcome = tryPut(header, body, recordBytes, attempt == 0);
      } finally {
        lock.unlock();
      }
    }
    return outcome;
  }

  /** Under the key's lock. Null when there is no room. */
  private @Nullable PutOutcome tryPut(
      BlockHeader header, EncodedBody body, long recordBytes, boolean first) throws IOException {
    if (index.get(header.key()) != Location.NONE) {
      return new PutOutcome.AlreadyPresent();
    }
    if (first && !budget.admits(header.key(), recordBytes)) {
      counters.overBudget.increment();
      return new PutOutcome.Full("nvme.write-bytes-per-day is spent");
    }
    if (!append(header, body)) {
      return null;
    }
    counters.stored.increment();
    counters.storedBodyBytes.add(header.bodyLength());
    codec.stored(header, body);
    return new PutOutcome.Stored();
  }

  /**
   * Writes a block's record, makes it durable and lets the index say so. Under the key's lock.
   *
   * @return false when there is no room
   */
  private boolean append(BlockHeader block, EncodedBody body) throws IOException {
    Optional<Place> reserved =
        segments.reserve(RecordDescriptor.recordBytes(body.bytes().byteSize()), true);
    if (reserved.isEmpty()) {
      return false;
    }
    Place place = reserved.get();
    Segment segment = place.segment();
    RecordHeader record = RecordHeader.at(place, RecordHeader.Kind.BLOCK, body.encoding(), block);
    ByteBuffer header = RecordDescriptor.encode(record);
    boolean durable = false;
    try {
      writer.write(segment.file, place.position(), header, body.bytes());
      segment.commit.commit();
      // Before the place is given back: from then on the segment may be freed.
      index.put(block.key(), Location.of(segment.slot, place.position(), record.recordBytes()));
      hidden.remove(block.key());
      durable = true;
      return true;
    } finally {
      if (!durable) {
        segments.failed(segment);
      }
      segments.release(place, durable ? header : null);
    }
  }

  GetOutcome get(BlockKey key, BlockBuffers buffers) throws IOException {
    return reads.get(key, buffers);
  }

  FindOutcome find(BlockKey key) throws IOException {
    return reads.find(key);
  }

  /**
   * Removes blocks, durably once this returns; what is not there is not written about.
   *
   * @param blocks at most {@value BlockRemovals#MAX_TOGETHER}
   */
  void remove(Collection<BlockRef> blocks) throws IOException {
    removals.remove(blocks);
  }

  /** Sees to it that no start finds the blocks, which the index lacks but the log has. */
  void bury(Collection<BlockRef> blocks) throws IOException {
    removals.bury(blocks);
  }

  /** Tells every block; false when a segment's records could not be read. */
  boolean scan(Consumer<BlockHeader> visitor) {
    boolean complete = true;
    for (Segment segment : segments.segments()) {
      try {
        for (RecordHeader record : tables.records(segment)) {
          if (record.kind() == RecordHeader.Kind.BLOCK && leadsTo(record, segment)) {
            visitor.accept(record.block());
          }
        }
        segment.loaded = null;
      } catch (IOException e) {
        complete = false;
      }
    }
    return complete;
  }

  private boolean leadsTo(RecordHeader record, Segment segment) {
    return index.get(record.block().key())
        == Location.of(segment.slot, record.position(), record.recordBytes());
  }

  /** Verifies the next so many bytes of records; returns how many it did. */
  long scrub(long bytes) throws IOException {
    return scrubber.run(bytes);
  }

  long blocks() {
    return index.blocks();
  }

  long recordBytes() {
    return index.bytes();
  }

  int segmentCount() {
    return segments.segments().size();
  }

  long fileBytes() {
    return segments.fileBytes();
  }

  /** Once nobody is inside. */
  @Override
  public void close() throws IOException {
    segments.close();
    staging.close();
    directory.close();
  }
}
