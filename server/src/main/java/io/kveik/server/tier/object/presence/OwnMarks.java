package io.kveik.server.tier.object.presence;

import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * The marks by which this server says that it stores blocks in a container and has yet to tell of
 * them. One is there from before the first of these blocks is stored until all of them have been
 * published, so that whoever finds one that stays knows that a server ended in between.
 *
 * <p>Any thread. At most two at a time: what is being stored while blocks are published goes under
 * the next. Guarded by this; held over the request that makes a mark, for all that store wait for
 * it.
 */
final class OwnMarks {
  /** A mark in the store, and how many are storing under it. */
  static final class Open {
    private final StoringMark mark;
    private int storing;

    private Open(StoringMark mark) {
      this.mark = mark;
    }
  }

  private final long writer;
  private final AtomicLong numbers;
  private final SegmentBlobs blobs;
  private @Nullable Open current;
  private @Nullable Open previous;

  /**
   * @param numbers of this writer's, each used once
   */
  OwnMarks(long writer, AtomicLong numbers, SegmentBlobs blobs) {
    this.writer = writer;
    this.numbers = numbers;
    this.blobs = blobs;
  }

  /**
   * Before a block is stored. Makes a mark where there is none: one request for all that is stored
   * until the next publication.
   *
   * @return what to give to {@link #end}; null when the store did not take the mark
   */
  synchronized @Nullable Open begin() {
    Open open = current;
    if (open == null) {
      open = new Open(new StoringMark(writer, numbers.incrementAndGet()));
      if (!blobs.put(open.mark)) {
        return null;
      }
      current = open;
    }
    open.storing++;
    return open;
  }

  /** When the block will be in what is published next, or was not stored. */
  synchronized void end(Open open) {
    open.storing--;
  }

  /**
   * Before what has been stored is published.
   *
   * @return the mark that can go once it is; null when there is none
   */
  synchronized @Nullable Open retiring() {
    if (previous == null) {
      previous = current;
      current = null;
    }
    return previous != null && previous.storing == 0 ? previous : null;
  }

  /** All that was stored under it has been published. */
  void retire(Open open) {
    blobs.delete(open.mark);
    synchronized (this) {
      previous = null;
    }
  }

  /** True for a mark of this server's that should have gone and did not. */
  synchronized boolean left(StoringMark mark) {
    return mark.writer() == writer && !is(current, mark) && !is(previous, mark);
  }

  private static boolean is(@Nullable Open open, StoringMark mark) {
    return open != null && open.mark.equals(mark);
  }

  /** True when none is in the store. */
  synchronized boolean none() {
    return current == null && previous == null;
  }
}
