package io.kveik.server.tier.nvme;

import io.kveik.server.block.BlockKey;
import io.kveik.server.block.BlockRef;
import io.kveik.server.tier.BlockBuffers;
import io.kveik.server.tier.FindOutcome;
import io.kveik.server.tier.GetOutcome;
import io.kveik.server.tier.SelfEvictingTier.Retention;
import io.kveik.server.tier.StoredBlock;
import io.kveik.server.tier.nvme.RecordTransfer.HeaderCheck;
import io.kveik.server.tier.nvme.RecordTransfer.ReadOutcome;
import java.io.IOException;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Reads blocks of the log, and puts those out of reach that fail a check.
 *
 * <p>Any thread. A read takes no lock: a record is checked for being the one that was looked for,
 * so whoever reads while its segment is freed and used again finds that out and looks again; only
 * what fails a check is read once more under its key's lock. I/O errors are thrown as they come.
 */
final class BlockReads {
  /** Rounds of looking for a block that is moved under its reader. */
  private static final int READ_ATTEMPTS = 64;

  private final SegmentLog segments;
  private final LocationIndex index;
  private final HiddenRecords hidden;
  private final KeyLocks locks;
  private final RecordTransfer transfer;
  private final NvmeCounters counters;
  private final Retention retention;

  /**
   * @param hidden told what is put out of reach
   * @param locks of the keys, which their writers hold
   * @param retention told of corrupt blocks that nobody asked for
   */
  BlockReads(
      SegmentLog segments,
      LocationIndex index,
      HiddenRecords hidden,
      KeyLocks locks,
      RecordTransfer transfer,
      NvmeCounters counters,
      Retention retention) {
    this.segments = segments;
    this.index = index;
    this.hidden = hidden;
    this.locks = locks;
    this.transfer = transfer;
    this.counters = counters;
    this.retention = retention;
  }

  GetOutcome get(BlockKey key, BlockBuffers buffers) throws IOException {
    for (int attempt = 0; attempt < READ_ATTEMPTS; attempt++) {
      long location = index.get(key);
      if (location == Location.NONE) {
        return new GetOutcome.Absent();
      }
      GetOutcome outcome = read(location, key, buffers);
      if (!(outcome instanceof GetOutcome.Corrupt)) {
        return outcome;
      }
      // It was freed or moved under the read, or it is corrupt: told apart with writers kept out.
      ReentrantLock lock = locks.of(key);
      lock.lock();
      try {
        if (index.get(key) == location) {
          GetOutcome again = read(location, key, buffers);
          if (again instanceof GetOutcome.Corrupt) {
            quarantine(key);
          }
          return again;
        }
      } finally {
        lock.unlock();
      }
    }
    return new GetOutcome.Failed("get: the block kept moving");
  }

  private GetOutcome read(long location, BlockKey key, BlockBuffers buffers) throws IOException {
    Segment segment = segments.at(Location.slot(location));
    if (segment == null) {
      return new GetOutcome.Corrupt("its segment was freed");
    }
    return switch (transfer.read(segment, location, key, buffers)) {
      case ReadOutcome.Sound(StoredBlock block) -> new GetOutcome.Hit(block);
      case ReadOutcome.Unsound(String reason) -> new GetOutcome.Corrupt(reason);
      case ReadOutcome.NoBuffer() -> new GetOutcome.NoBuffer();
    };
  }

  FindOutcome find(BlockKey key) throws IOException {
    for (int attempt = 0; attempt < READ_ATTEMPTS; attempt++) {
      long location = index.get(key);
      if (location == Location.NONE) {
        return new FindOutcome.Absent();
      }
      if (readHeader(location, key) instanceof HeaderCheck.Sound(RecordHeader header)) {
        return new FindOutcome.Found(header.block());
      }
      ReentrantLock lock = locks.of(key);
      lock.lock();
      try {
        if (index.get(key) == location) {
          if (readHeader(location, key) instanceof HeaderCheck.Sound(RecordHeader header)) {
            return new FindOutcome.Found(header.block());
          }
          quarantine(key);
          return new FindOutcome.Absent();
        }
      } finally {
        lock.unlock();
      }
    }
    return new FindOutcome.Failed("find: the block kept moving");
  }

  private HeaderCheck readHeader(long location, BlockKey key) throws IOException {
    Segment segment = segments.at(Location.slot(location));
    return segment == null
        ? new HeaderCheck.Unsound("its segment was freed")
        : transfer.readHeader(segment, location, key);
  }

  /**
   * Puts a corrupt block out of reach, under its key's lock: its record stays, unreadable, until
   * its segment is freed. Without a tombstone, so the next start finds it again, and finds it
   * corrupt again when it is asked for, or sound after all.
   */
  private void quarantine(BlockKey key) {
    hidden.add(key);
    index.remove(key);
    counters.quarantined.increment();
  }

  /** Checks one block in place; false when it failed and is in quarantine. */
  boolean verify(BlockRef block, long location) throws IOException {
    if (soundOrMoved(block.key(), location)) {
      return true;
    }
    ReentrantLock lock = locks.of(block.key());
    lock.lock();
    try {
      if (index.get(block.key()) != location || soundOrMoved(block.key(), location)) {
        return true;
      }
      quarantine(block.key());
    } finally {
      lock.unlock();
    }
    retention.corrupt(block);
    return false;
  }

  private boolean soundOrMoved(BlockKey key, long location) throws IOException {
    Segment segment = segments.at(Location.slot(location));
    return segment == null || transfer.verify(segment, location, key) == null;
  }
}
