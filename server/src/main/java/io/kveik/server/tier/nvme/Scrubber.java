package io.kveik.server.tier.nvme;

import io.kveik.server.block.BlockHeader;
import io.kveik.server.tier.nvme.RecordHeader.Kind;
import java.io.IOException;
import java.util.Collections;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Reads blocks that nobody asked for, round and round, so that one that rots is found before it is
 * wanted. As much at a call as it is told to; the caller sets the pace.
 *
 * <p>Any thread, one at a time: a call that finds another under way does nothing.
 */
final class Scrubber {
  private final BlockReads blocks;
  private final SegmentLog segments;
  private final TableReader tables;
  private final LocationIndex index;
  private final NvmeCounters counters;
  private final ReentrantLock turn = new ReentrantLock();

  // Guarded by turn.
  private @Nullable Segment segment;
  private Iterator<RecordHeader> records = Collections.emptyIterator();

  Scrubber(
      BlockReads blocks,
      SegmentLog segments,
      TableReader tables,
      LocationIndex index,
      NvmeCounters counters) {
    this.blocks = blocks;
    this.segments = segments;
    this.tables = tables;
    this.index = index;
    this.counters = counters;
  }

  /**
   * Verifies records until their bytes are at least so many, or all segments there are have been
   * gone through once.
   *
   * @return bytes verified
   */
  long run(long bytes) throws IOException {
    if (!turn.tryLock()) {
      return 0;
    }
    try {
      long verified = 0;
      int begun = 0;
      int rounds = segments.segments().size();
      while (verified < bytes) {
        if (!records.hasNext()) {
          if (begun++ == rounds || !begin()) {
            break;
          }
          continue;
        }
        verified += verify(records.next());
      }
      counters.scrubbedBytes.add(verified);
      return verified;
    } finally {
      turn.unlock();
    }
  }

  private boolean begin() throws IOException {
    List<Segment> all = segments.segments();
    if (all.isEmpty()) {
      return false;
    }
    Segment next = all.get((all.indexOf(segment) + 1) % all.size());
    segment = next;
    records = tables.records(next).iterator();
    return true;
  }

  private long verify(RecordHeader record) throws IOException {
    Segment here = segment;
    BlockHeader block = record.block();
    if (here == null || record.kind() != Kind.BLOCK) {
      return 0;
    }
    long location = Location.of(here.slot, record.position(), record.recordBytes());
    if (index.get(block.key()) != location) {
      return 0;
    }
    blocks.verify(block.ref(), location);
    return record.recordBytes();
  }
}
