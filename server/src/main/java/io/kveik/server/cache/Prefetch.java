package io.kveik.server.cache;

import io.kveik.server.cache.ControlOutcome.ControlTally;
import io.kveik.server.tier.StoredBlock;
import java.util.List;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.BooleanSupplier;

/**
 * Brings blocks of a selection to DRAM, a few at a time and no more bytes in all than a share of
 * it, since what it brings pushes out something else. Belongs to one thread, which waits.
 */
final class Prefetch {
  private static final long STOP_CHECK_MILLIS = 20;

  private final ColdReads coldReads;
  private final SelectionWalk walk;
  private final BooleanSupplier stop;
  private final int ahead;
  private final long shareBytes;
  private final Semaphore places;
  private final LongAdder broughtBlocks = new LongAdder();
  private final LongAdder broughtBytes = new LongAdder();
  private long matched;
  private long askedBytes;

  /**
   * @param stop true once the caller's time is over
   * @param ahead blocks fetched at a time
   * @param shareBytes most bytes to bring; what lies beyond is matched and left
   */
  Prefetch(
      ColdReads coldReads, SelectionWalk walk, BooleanSupplier stop, int ahead, long shareBytes) {
    this.coldReads = coldReads;
    this.walk = walk;
    this.stop = stop;
    this.ahead = ahead;
    this.shareBytes = shareBytes;
    this.places = new Semaphore(ahead);
  }

  ControlOutcome run() {
    boolean complete = true;
    while (complete && !walk.over()) {
      for (IndexedBlock block : walk.next(BlockCensus.SLICE_SLOTS)) {
        matched += block.known() ? 1 : 0;
        boolean below = block.known() && !block.inTier(HotMemory.TIER);
        if (below && askedBytes + block.bodyLength() <= shareBytes) {
          if (!takePlaces(1)) {
            complete = false;
            break;
          }
          askedBytes += block.bodyLength();
          fetch(block);
        }
      }
    }
    complete &= takePlaces(ahead);
    ControlTally tally =
        new ControlTally(matched, broughtBlocks.sum(), broughtBytes.sum(), List.of());
    return complete ? new ControlOutcome.Done(tally) : new ControlOutcome.Stopped(tally);
  }

  private void fetch(IndexedBlock block) {
    coldReads
        .readAhead(block.ref().key(), block.ref().namespace())
        .thenAccept(outcome -> {
          if (outcome instanceof ReadOutcome.Hit(StoredBlock found, _)) {
            found.close();
            broughtBlocks.increment();
            broughtBytes.add(block.bodyLength());
          }
          places.release();
        });
  }

  /** False when the caller's time was over first. */
  private boolean takePlaces(int count) {
    try {
      while (!stop.getAsBoolean()) {
        if (places.tryAcquire(count, STOP_CHECK_MILLIS, TimeUnit.MILLISECONDS)) {
          return true;
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    return false;
  }
}
