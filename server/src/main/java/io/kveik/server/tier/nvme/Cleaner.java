package io.kveik.server.tier.nvme;

import io.kveik.server.block.BlockHeader;
import io.kveik.server.block.BlockRef;
import io.kveik.server.runtime.Clock;
import io.kveik.server.tier.SelfEvictingTier.Retention;
import io.kveik.server.tier.nvme.SegmentLog.Place;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Makes room: frees the oldest segment, and writes what is worth it again at the young end. FIFO
 * with reinsertion, as in Yang et al., "FIFO queues are all you need for cache eviction" (SOSP
 * 2023): the hit that a block had since it came, or since it was last asked for, is its second
 * chance.
 *
 * <p>Runs on the thread whose put needs the room, one at a time, without a key's lock held on
 * entry. In this order, so that a failure or a crash at any point loses nothing and brings nothing
 * back: copies are written, synced, the old segment is made unreadable for later starts, and only
 * then does the index change. Copies take at most a share of the segment, and never a segment of
 * their own, so every call that returns has made progress.
 */
final class Cleaner {
  private static final int PERCENT = 100;

  private final SegmentLog log;
  private final LocationIndex index;
  private final KeyLocks locks;
  private final TableReader tables;
  private final RecordTransfer transfer;
  private final WriteBudget budget;
  private final NvmeCounters counters;
  private final Clock clock;
  private final int reinsertPercent;
  private final ReentrantLock turn = new ReentrantLock();
  private final Retention retention;

  Cleaner(
      SegmentLog log,
      LocationIndex index,
      KeyLocks locks,
      TableReader tables,
      RecordTransfer transfer,
      WriteBudget budget,
      NvmeCounters counters,
      Clock clock,
      int reinsertPercent,
      Retention retention) {
    this.log = log;
    this.index = index;
    this.locks = locks;
    this.tables = tables;
    this.transfer = transfer;
    this.budget = budget;
    this.counters = counters;
    this.clock = clock;
    this.reinsertPercent = reinsertPercent;
    this.retention = retention;
  }

  /** A copy that is written and not yet what the index leads to. */
  private record Copy(RecordHeader record, long from, Place to, ByteBuffer header) {}

  /**
   * Frees segments until another can be begun, or none is left to free.
   *
   * @param wait false: leaves it to whoever is at it already
   */
  void makeRoom(boolean wait) throws IOException {
    if (log.hasRoom()) {
      return;
    }
    if (wait) {
      turn.lock();
    } else if (!turn.tryLock()) {
      return;
    }
    try {
      while (!log.hasRoom()) {
        Segment oldest = log.nextToFree(index);
        if (oldest == null) {
          return;
        }
        free(oldest);
      }
    } finally {
      turn.unlock();
    }
  }

  private void free(Segment segment) throws IOException {
    List<Copy> copies = new ArrayList<>();
    List<BlockRef> leaving = new ArrayList<>();
    boolean durable = false;
    try {
      if (index.blocksIn(segment.slot) > 0) {
        sort(segment, copies, leaving);
      }
      commit(copies);
      log.invalidate(segment.file);
      durable = true;
      copies.forEach(this::publish);
      leaving.removeIf(block -> !forget(block, segment));
    } finally {
      for (Copy copy : copies) {
        log.release(copy.to(), durable ? copy.header() : null);
      }
    }
    log.retire(segment);
    leaving.forEach(retention::evicted);
  }

  /** Copies what stays and lists what goes. */
  private void sort(Segment segment, List<Copy> copies, List<BlockRef> leaving) throws IOException {
    long allowedBytes = segment.header.lengthBytes() / PERCENT * reinsertPercent;
    long now = clock.wallMillis();
    for (RecordHeader record : tables.records(segment)) {
      long from = Location.of(segment.slot, record.position(), record.recordBytes());
      BlockHeader block = record.block();
      if (record.kind() != RecordHeader.Kind.BLOCK || index.get(block.key()) != from) {
        continue;
      }
      boolean stays =
          record.recordBytes() <= allowedBytes
              && !block.expiredAt(now)
              && retention.keep(block.ref())
              && copy(record, from, segment, copies);
      if (stays) {
        allowedBytes -= record.recordBytes();
      } else {
        leaving.add(block.ref());
      }
    }
  }

  /** Under the key's lock: a removal that comes later finds its tombstone later in the log. */
  private boolean copy(RecordHeader record, long from, Segment segment, List<Copy> copies)
      throws IOException {
    ReentrantLock lock = locks.of(record.block().key());
    lock.lock();
    try {
      if (index.get(record.block().key()) != from) {
        return false;
      }
      Optional<Place> reserved = log.reserve(record.recordBytes(), false);
      if (reserved.isEmpty()) {
        return false;
      }
      Place place = reserved.get();
      RecordHeader moved =
          new RecordHeader(
              record.kind(),
              place.segment().header.generation(),
              place.sequence(),
              place.position(),
              record.encoding(),
              record.block());
      Copy copy = new Copy(record, from, place, RecordDescriptor.encode(moved));
      boolean sound = false;
      try {
        sound =
            transfer.copy(
                segment,
                record.position(),
                record,
                place.segment().file,
                place.position(),
                copy.header());
      } catch (IOException e) {
        log.failed(place.segment());
        throw e;
      } finally {
        if (!sound) {
          log.release(place, null);
        }
      }
      if (sound) {
        copies.add(copy);
        budget.spend(record.recordBytes());
      }
      return sound;
    } finally {
      lock.unlock();
    }
  }

  private void commit(List<Copy> copies) throws IOException {
    Set<Segment> written = new LinkedHashSet<>();
    copies.forEach(copy -> written.add(copy.to().segment()));
    for (Segment segment : written) {
      try {
        segment.commit.commit();
      } catch (IOException e) {
        log.failed(segment);
        throw e;
      }
    }
  }

  private void publish(Copy copy) {
    ReentrantLock lock = locks.of(copy.record().block().key());
    lock.lock();
    try {
      if (index.get(copy.record().block().key()) == copy.from()) {
        index.put(
            copy.record().block().key(),
            Location.of(
                copy.to().segment().slot, copy.to().position(), copy.record().recordBytes()));
        counters.reinserted.increment();
      }
    } finally {
      lock.unlock();
    }
  }

  /** False when it was gone, or had come again, already. */
  private boolean forget(BlockRef block, Segment segment) {
    ReentrantLock lock = locks.of(block.key());
    lock.lock();
    try {
      long location = index.get(block.key());
      boolean here = location != Location.NONE && Location.slot(location) == segment.slot;
      if (here) {
        index.remove(block.key());
        counters.evicted.increment();
      }
      return here;
    } finally {
      lock.unlock();
    }
  }
}
