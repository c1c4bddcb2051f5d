package io.kveik.server.tier.nvme;

import java.util.concurrent.Semaphore;

/**
 * Bounds how many bytes are being read from the disk at a time; who comes when it is full waits,
 * first come, first served.
 *
 * <p>A disk that is busy shares itself among all reads under way, so that many of them end late and
 * at the same time: then all are checked and sent at once, and the disk has nothing to do
 * meanwhile. A few at a time end one after the other, and while one is sent the next is read. Bytes
 * under way that keep a disk busy are its bandwidth times its latency (Little's law), however many
 * reads they belong to.
 *
 * <p>Any thread; O(1).
 */
final class ReadWindow {
  private static final long PAGE = RecordDescriptor.PAGE_BYTES;

  private final int pages;
  private final Semaphore free;

  /**
   * @param bytes rounded up to whole pages; a longer read has the window to itself
   */
  ReadWindow(long bytes) {
    this.pages = Math.toIntExact(Math.ceilDiv(bytes, PAGE));
    this.free = new Semaphore(pages, true);
  }

  /** The right to read; closed by the thread that took it. */
  @FunctionalInterface
  interface Turn extends AutoCloseable {
    @Override
    void close();
  }

  /** Waits until so many bytes may be read. An interrupt changes nothing. */
  Turn take(long bytes) {
    int wanted = (int) Math.min(pages, Math.ceilDiv(bytes, PAGE));
    free.acquireUninterruptibly(wanted);
    return () -> free.release(wanted);
  }
}
