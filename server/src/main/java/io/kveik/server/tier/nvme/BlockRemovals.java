package io.kveik.server.tier.nvme;

import io.kveik.server.block.BlockHeader;
import io.kveik.server.block.BlockRef;
import io.kveik.server.tier.nvme.SegmentLog.Place;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * Takes blocks out of the log for good: a tombstone each, one page, and one sync for all of a call.
 *
 * <p>Any thread. The locks of all keys of a call are held from the look at the index to the change
 * of it. I/O errors are thrown as they come; then any of the call's blocks may be there still, or
 * again after the next start.
 */
final class BlockRemovals {
  /** Few enough that others do not wait long for their keys' locks. */
  static final int MAX_TOGETHER = 128;

  private final SegmentLog segments;
  private final LocationIndex index;
  private final HiddenRecords hidden;
  private final KeyLocks locks;
  private final RecordWriter writer;
  private final LogRoom room;

  BlockRemovals(
      SegmentLog segments,
      LocationIndex index,
      HiddenRecords hidden,
      KeyLocks locks,
      RecordWriter writer,
      LogRoom room) {
    this.segments = segments;
    this.index = index;
    this.hidden = hidden;
    this.locks = locks;
    this.writer = writer;
    this.room = room;
  }

  /** A place in the log and what is written there. */
  private record Tombstone(BlockRef block, Place place, ByteBuffer header) {}

  /**
   * Removes blocks, durably once this returns. What is not there needs no tombstone.
   *
   * @param blocks at most {@value #MAX_TOGETHER}
   */
  void remove(Collection<BlockRef> blocks) throws IOException {
    bury(blocks, false);
  }

  /**
   * Sees to it that no start finds the blocks, which the index lacks but the log has. Any number;
   * so many at a time as {@link #remove} takes.
   */
  void bury(Collection<BlockRef> blocks) throws IOException {
    List<BlockRef> all = List.copyOf(blocks);
    for (int from = 0; from < all.size(); from += MAX_TOGETHER) {
      bury(all.subList(from, Math.min(all.size(), from + MAX_TOGETHER)), true);
    }
  }

  private void bury(Collection<BlockRef> blocks, boolean logHasThem) throws IOException {
    if (blocks.size() > MAX_TOGETHER) {
      throw new IllegalArgumentException(
          "blocks=%d, must be at most %d".formatted(blocks.size(), MAX_TOGETHER));
    }
    List<BlockRef> left = List.copyOf(new LinkedHashSet<>(blocks));
    int attempt = 0;
    while (!left.isEmpty()) {
      room.require(attempt++);
      int done = buryWhatFits(left, logHasThem);
      // From then on it is another record that there was no room for.
      attempt = done == 0 ? attempt : 1;
      left = left.subList(done, left.size());
    }
  }

  /** Returns how many of them, from the first on, are dealt with: less where room ran out. */
  private int buryWhatFits(List<BlockRef> blocks, boolean logHasThem) throws IOException {
    List<Tombstone> written = new ArrayList<>();
    boolean durable = false;
    try (KeyLocks.Held _ = locks.hold(blocks.stream().map(BlockRef::key).toList())) {
      try {
        int done = 0;
        while (done < blocks.size() && dealtWith(blocks.get(done), logHasThem, written)) {
          done++;
        }
        for (Segment segment : segmentsOf(written)) {
          segment.commit.commit();
        }
        durable = true;
        return done;
      } finally {
        for (Tombstone one : written) {
          settle(one, durable);
        }
      }
    }
  }

  /** False when there is no room. */
  private boolean dealtWith(BlockRef block, boolean logHasIt, List<Tombstone> written)
      throws IOException {
    if (!logHasIt && !mayBeFound(block)) {
      return true;
    }
    Optional<Place> reserved = segments.reserve(RecordDescriptor.recordBytes(0), true);
    if (reserved.isEmpty()) {
      return false;
    }
    Place place = reserved.get();
    ByteBuffer header =
        RecordDescriptor.encode(
            RecordHeader.at(place, RecordHeader.Kind.TOMBSTONE, null, tombstone(block)));
    written.add(new Tombstone(block, place, header));
    writer.write(place.segment().file, place.position(), header, MemorySegment.NULL);
    return true;
  }

  private static Collection<Segment> segmentsOf(List<Tombstone> written) {
    return written.stream().map(one -> one.place.segment()).collect(Collectors.toSet());
  }

  private void settle(Tombstone one, boolean durable) {
    Segment segment = one.place.segment();
    // Before the place is given back: from then on the segment may be freed. Where it is not
    // durable the next start may find the block: nobody may be told until then that it is there.
    index.remove(one.block.key());
    if (durable) {
      segment.tombstones.incrementAndGet();
      hidden.remove(one.block.key());
    } else {
      segments.failed(segment);
    }
    segments.release(one.place, durable ? one.header : null);
  }

  /** Whether this or the next start may find a block under the key. */
  private boolean mayBeFound(BlockRef block) {
    return index.get(block.key()) != Location.NONE
        || hidden.mayHave(block.key())
        || segments.inDoubt();
  }

  private static BlockHeader tombstone(BlockRef block) {
    return new BlockHeader(
        block.key(), block.namespace(), 0, 0, 0, 0, 0, 0, 0, 0, 0, BlockHeader.NEVER_EXPIRES, 0);
  }
}
