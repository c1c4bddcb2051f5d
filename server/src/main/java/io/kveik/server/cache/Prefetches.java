package io.kveik.server.cache;

import io.kveik.server.block.BlockKey;
import io.kveik.server.block.BlockRef;
import io.kveik.server.block.Fingerprint;
import io.kveik.server.runtime.Clock;
import io.kveik.server.runtime.Scheduler;
import java.util.ArrayDeque;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * Blocks on their way up that nobody waits for yet: a bounded queue, a few of them fetched at a
 * time, at the pace of the tier that each is in.
 *
 * <p>What waits and what is under way never makes up more than a bound of bytes, a block counted as
 * the largest seen, so that prefetching pushes no more than that out of DRAM ahead of use. Any
 * thread; blocks none.
 */
final class Prefetches {
  private final BlockFinder finder;
  private final HotMemory hot;
  private final List<LowerTier> lower;
  private final ColdReads coldReads;
  private final Scheduler scheduler;
  private final Clock clock;
  private final MovementOptions options;

  /** Calls of {@link #pump} that have not been seen to. */
  private final AtomicInteger pumps = new AtomicInteger();

  /** Guarded by this, like all below. */
  private final ArrayDeque<BlockRef> waiting = new ArrayDeque<>();

  private final Set<BlockRef> known = new LinkedHashSet<>();
  private int inProgress;
  private boolean timerSet;

  Prefetches(
      BlockFinder finder,
      HotMemory hot,
      List<LowerTier> lower,
      ColdReads coldReads,
      Scheduler scheduler,
      Clock clock,
      MovementOptions options) {
    this.finder = finder;
    this.hot = hot;
    this.lower = lower;
    this.coldReads = coldReads;
    this.scheduler = scheduler;
    this.clock = clock;
    this.options = options;
  }

  /** Takes the blocks of a chain, root first, up to the first that no tier is known to have. */
  PrefetchOutcome offer(Fingerprint namespace, List<BlockKey> chain) {
    int found = 0;
    int inMemory = 0;
    int started = 0;
    BlockView view = new BlockView();
    long now = clock.nanoTime();
    for (BlockKey key : chain) {
      if (!finder.find(key, view) || !view.inNamespace(namespace) || view.expiredAt(now)) {
        break;
      }
      found++;
      if (hot.holds(view)) {
        inMemory++;
      } else if (take(new BlockRef(namespace, key))) {
        started++;
      }
    }
    pump();
    return new PrefetchOutcome(found, inMemory, started, false);
  }

  private synchronized boolean take(BlockRef block) {
    if (known.contains(block)) {
      return true;
    }
    long each = Math.max(1, hot.largestBytes());
    if ((known.size() + 1) * each > options.prefetchBytes()) {
      return false;
    }
    known.add(block);
    waiting.add(block);
    return true;
  }

  /** Starts what may start; on one thread at a time, however many blocks end at once. */
  private void pump() {
    if (pumps.getAndIncrement() > 0) {
      return;
    }
    int seen = 1;
    do {
      BlockRef block;
      while ((block = next()) != null) {
        start(block);
      }
      seen = pumps.addAndGet(-seen);
    } while (seen > 0);
  }

  private void start(BlockRef block) {
    coldReads
        .readAhead(block.key(), block.namespace())
        .thenAccept(outcome -> {
          if (outcome instanceof ReadOutcome.Hit hit) {
            hit.block().close();
          }
          ended(block);
        });
  }

  /** The block to start now; null when there is none, or it is too early. */
  private synchronized @Nullable BlockRef next() {
    while (!waiting.isEmpty() && inProgress < options.prefetchesInFlight()) {
      BlockRef block = waiting.element();
      LowerTier source = source(block.key());
      if (source == null) {
        // It came to DRAM or left the tiers since it was taken.
        waiting.remove();
        known.remove(block);
        continue;
      }
      long waitNanos = source.pace.tryStart(Math.max(1, hot.largestBytes()), inProgress);
      if (waitNanos > 0) {
        if (waitNanos != Long.MAX_VALUE && !timerSet) {
          timerSet = true;
          scheduler.after(TimeUnit.NANOSECONDS.toMillis(waitNanos) + 1, this::timer);
        }
        return null;
      }
      waiting.remove();
      inProgress++;
      return block;
    }
    return null;
  }

  private @Nullable LowerTier source(BlockKey key) {
    BlockView view = new BlockView();
    if (!finder.find(key, view) || hot.holds(view)) {
      return null;
    }
    return lower.stream().filter(tier -> view.inTier(tier.ordinal)).findFirst().orElse(null);
  }

  private void timer() {
    synchronized (this) {
      timerSet = false;
    }
    pump();
  }

  private void ended(BlockRef block) {
    synchronized (this) {
      inProgress--;
      known.remove(block);
    }
    pump();
  }
}
