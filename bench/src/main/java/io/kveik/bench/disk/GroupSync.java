package io.kveik.bench.disk;

import java.io.IOException;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * The least that a durable put costs on a raw file: whoever finds no sync under way makes one for
 * all who wrote before it began, the others wait for one that began after their write. Any thread.
 */
final class GroupSync {
  private final RawFile file;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition ended = lock.newCondition();

  // Guarded by lock.
  private long written;
  private long durable;
  private boolean syncing;

  GroupSync(RawFile file) {
    this.file = file;
  }

  /** Returns once what this thread wrote is durable. */
  void await() throws IOException {
    lock.lock();
    try {
      long mine = ++written;
      while (durable < mine) {
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

  private void lead() throws IOException {
    long target = written;
    syncing = true;
    lock.unlock();
    boolean synced = false;
    try {
      file.force();
      synced = true;
    } finally {
      lock.lock();
      syncing = false;
      durable = synced ? target : durable;
      ended.signalAll();
    }
  }
}
