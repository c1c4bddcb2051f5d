package io.kveik.server.tier.nvme;

import java.io.IOException;
import java.util.ArrayDeque;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * The segment files that no segment lives in, and the making of new ones within the capacity.
 *
 * <p>Any thread. One lock, inside that of the {@link SegmentLog}; not held while a file is made,
 * which takes a journal's commit for its name.
 */
final class SegmentSupply implements AutoCloseable {
  /** A file for one life of a segment; its name survives power loss. */
  record Spare(int slot, SegmentFile file) {}

  private final SegmentFiles files;
  private final NvmeLayout layout;
  private final NvmeOptions options;
  private final NvmeCounters counters;
  private final long segmentBytes;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition made = lock.newCondition();

  // Guarded by lock.
  private final ArrayDeque<Spare> spares = new ArrayDeque<>();
  private long fileBytes;
  private int nextSlot;
  private boolean making;

  SegmentSupply(SegmentFiles files, NvmeLayout layout, NvmeOptions options, NvmeCounters counters) {
    this.files = files;
    this.layout = layout;
    this.options = options;
    this.counters = counters;
    this.segmentBytes = options.effectiveSegmentBytes();
  }

  /** Counts a file that was found, whatever is in it. */
  void found(int slot, long lengthBytes) {
    lock.lock();
    try {
      nextSlot = Math.max(nextSlot, slot + 1);
      fileBytes += lengthBytes;
    } finally {
      lock.unlock();
    }
  }

  /** Takes in a file that counts already and that no start reads as a segment. */
  void add(Spare spare) {
    lock.lock();
    try {
      spares.add(spare);
    } finally {
      lock.unlock();
    }
  }

  /** Whether a segment could be begun now. */
  boolean hasRoom() {
    lock.lock();
    try {
      return making || (fileBytes <= options.capacityBytes() && (!spares.isEmpty() || mayMake()));
    } finally {
      lock.unlock();
    }
  }

  private boolean mayMake() {
    return fileBytes + segmentBytes <= options.capacityBytes() && nextSlot < NvmeLayout.MAX_SLOTS;
  }

  /** Length of all segment files, free ones or not. */
  long fileBytes() {
    lock.lock();
    try {
      return fileBytes;
    } finally {
      lock.unlock();
    }
  }

  /**
   * Makes a file ahead of need where there is none left over, so that those who write need not wait
   * for the next segment. Leaves it to whoever is at it already; where it fails, whoever needs the
   * file will be told.
   */
  void prepare() {
    lock.lock();
    try {
      if (!making && spares.isEmpty() && mayMake()) {
        spares.add(make());
      }
    } catch (IOException e) {
      counters.failures.increment();
    } finally {
      lock.unlock();
    }
  }

  /**
   * A file to begin a segment in, waited for when one is being made.
   *
   * @return null when there is none and no room for another
   */
  @Nullable Spare take() throws IOException {
    lock.lock();
    try {
      while (making) {
        made.awaitUninterruptibly();
      }
      Spare spare = spares.poll();
      return spare != null || !mayMake() ? spare : make();
    } finally {
      lock.unlock();
    }
  }

  /** Takes one back that no segment was begun in. */
  void giveBack(Spare spare) {
    lock.lock();
    try {
      spares.addFirst(spare);
    } finally {
      lock.unlock();
    }
  }

  /** Under the lock, which it gives up meanwhile. */
  private Spare make() throws IOException {
    making = true;
    int slot = nextSlot;
    SegmentFile file = null;
    lock.unlock();
    try {
      // What an earlier attempt left half made is in the way, and nothing of it is needed.
      files.delete(layout.segment(slot));
      file = files.create(layout.segment(slot), segmentBytes);
      if (options.fsync()) {
        files.forceDirectory(layout.segments());
      }
    } catch (IOException e) {
      if (file != null) {
        close(file);
      }
      throw e;
    } finally {
      lock.lock();
      making = false;
      made.signalAll();
    }
    nextSlot = slot + 1;
    fileBytes += segmentBytes;
    return new Spare(slot, file);
  }

  /**
   * Takes the file of a segment that is no more; deletes it where it is of another length than
   * segments have now, or one too many.
   */
  void retire(Segment segment) {
    lock.lock();
    try {
      if (segment.header.lengthBytes() == segmentBytes && fileBytes <= options.capacityBytes()) {
        spares.add(new Spare(segment.slot, segment.file));
        return;
      }
      fileBytes -= segment.header.lengthBytes();
    } finally {
      lock.unlock();
    }
    try {
      segment.file.close();
      files.delete(layout.segment(segment.slot));
    } catch (IOException e) {
      // An empty segment's file that stays until the next start, which finds it free.
      counters.failures.increment();
    }
  }

  @Override
  public void close() {
    lock.lock();
    try {
      spares.forEach(spare -> close(spare.file()));
    } finally {
      lock.unlock();
    }
  }

  /** All that was acknowledged is synced; the descriptor is gone whatever is said. */
  void close(SegmentFile file) {
    try {
      file.close();
    } catch (IOException e) {
      counters.failures.increment();
    }
  }
}
