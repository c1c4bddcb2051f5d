package io.kveik.server.tier.nvme;

import java.io.IOException;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Syncs one segment for all who wrote to it: whoever finds no sync under way leads one for
 * everybody who has written by then, the others follow; those who write meanwhile share the next.
 *
 * <p>Any thread; the lock is not held over the sync. After a failure every later commit fails too:
 * what the system dropped from its cache it will not write any more, whatever the next sync says.
 */
final class GroupCommit {
  private final SegmentFile file;
  private final boolean fsync;
  private final LongAdder syncs;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition ended = lock.newCondition();

  // Guarded by lock.
  private long written;
  private long durable;
  private boolean syncing;
  private @Nullable IOException failure;

  /**
   * @param fsync false: nothing is synced, and everything counts as durable
   * @param syncs counts them
   */
  GroupCommit(SegmentFile file, boolean fsync, LongAdder syncs) {
    this.file = file;
    this.fsync = fsync;
    this.syncs = syncs;
  }

  /**
   * Returns once everything that this thread wrote to the segment is durable.
   *
   * @throws IOException when it is not, and never will be
   */
  void commit() throws IOException {
    if (!fsync) {
      return;
    }
    lock.lock();
    try {
      long mine = ++written;
      while (durable < mine) {
        if (failure != null) {
          throw new IOException(failure.getMessage(), failure);
        }
        if (syncing) {
          ended.awaitUninterruptibly();
        } else {
          lead();
        }
      }
    } finally {
      lock.unlock();
    }
  }

  /** For tests: who has written and is not durable. */
  long waiting() {
    lock.lock();
    try {
      return written - durable;
    } finally {
      lock.unlock();
    }
  }

  private void lead() {
    long target = written;
    syncing = true;
    lock.unlock();
    IOException thrown = null;
    try {
      syncs.increment();
      file.force();
    } catch (IOException e) {
      thrown = e;
    } finally {
      lock.lock();
    }
    syncing = false;
    if (thrown == null) {
      durable = target;
    } else {
      failure = thrown;
    }
    ended.signalAll();
  }
}
