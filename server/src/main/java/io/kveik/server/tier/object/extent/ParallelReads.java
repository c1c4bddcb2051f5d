package io.kveik.server.tier.object.extent;

import io.kveik.server.tier.object.Background;
import java.util.concurrent.Phaser;
import java.util.concurrent.Semaphore;

/**
 * Reads of the store that one caller waits for together, beside each other, so many at a time in
 * all containers: a server that starts reads the table of each extent there is, a put of many
 * blocks may have to ask for each, and most of the time of each read is the store's.
 *
 * <p>Any thread. A read that no thread is there for goes on the caller's own, so that all are made
 * whatever becomes of the threads.
 */
final class ParallelReads {
  private final Background threads;
  private final Semaphore places;

  /**
   * @param threads stay the caller's
   * @param atOnce reads at a time, at least 1
   */
  ParallelReads(Background threads, int atOnce) {
    this.threads = threads;
    this.places = new Semaphore(atOnce);
  }

  /** Reads that somebody waits for together. */
  Batch begin() {
    return new Batch();
  }

  /** One thread starts reads and waits for them. */
  final class Batch {
    private final Phaser reads = new Phaser(1);

    /** Starts a read, which must not throw, once there is a place for it. */
    void start(Runnable read) {
      places.acquireUninterruptibly();
      reads.register();
      Runnable counted =
          () -> {
            try {
              read.run();
            } finally {
              places.release();
              reads.arriveAndDeregister();
            }
          };
      if (!threads.tryExecute(counted)) {
        counted.run();
      }
    }

    /** Waits for those that were started; once. */
    void await() {
      reads.arriveAndAwaitAdvance();
    }
  }
}
