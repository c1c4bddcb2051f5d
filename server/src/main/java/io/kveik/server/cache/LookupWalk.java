package io.kveik.server.cache;

import io.kveik.server.block.AckLevel;
import io.kveik.server.block.BlockKey;
import io.kveik.server.block.Fingerprint;
import io.kveik.server.cache.LookupOutcome.Found;
import io.kveik.server.cache.LookupOutcome.Place;
import io.kveik.server.cache.LookupOutcome.Stop;
import io.kveik.server.cache.LookupOutcome.StopReason;
import io.kveik.server.runtime.Clock;
import io.kveik.server.runtime.Scheduler;
import io.kveik.server.runtime.Workers;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * One lookup on its way along a chain. Runs on the caller's thread while the index knows the
 * answer. From the first block on that only a tier can tell of, it goes on whenever an answer has
 * come, on the thread that brought it, within the lookup budget; where keys don't depend on what
 * the blocks before bear, it asks for several ahead. Whatever happens, it ends with the prefix
 * found so far.
 */
final class LookupWalk {
  /** How far ahead of the first gap to ask, in terms of what is asked for at a time. */
  private static final int AHEAD = 4;

  private final Chain chain;
  private final Fingerprint namespace;
  private final BlockIndex index;
  private final HotMemory hot;
  private final List<LowerTier> lower;
  private final Clock clock;
  private final EngineCounters counters;
  private final ParallelProbe probe;
  private final int ahead;
  private final CompletableFuture<LookupOutcome> outcome = new CompletableFuture<>();

  // Handed from thread to thread with the walk; the budget timer reads them under this lock.
  private final List<Found> found = new ArrayList<>();
  private final Prefix prefix = new Prefix();
  private final KeyWindow window = new KeyWindow();
  private int windowStart;
  private long parentLabel;
  private boolean asking;
  private long askingSinceNanos;
  private volatile boolean over;

  /** Answers to be looked at; whoever makes it one does, the others leave theirs to that thread. */
  private final AtomicInteger turns = new AtomicInteger();

  // Touched in turn only.
  private int askedUpTo;
  private int foundByTier = -1;
  private final BlockView aheadView = new BlockView();

  /**
   * @param probes blocks to ask tiers for at a time, at least 1
   */
  LookupWalk(
      Chain chain,
      Fingerprint namespace,
      BlockIndex index,
      HotMemory hot,
      List<LowerTier> lower,
      Workers storage,
      int probes,
      Clock clock,
      EngineCounters counters) {
    this.chain = chain;
    this.namespace = namespace;
    this.index = index;
    this.hot = hot;
    this.lower = lower;
    this.clock = clock;
    this.counters = counters;
    this.probe =
        new ParallelProbe(
            namespace, index.finder(), lower, storage, probes, counters, this::advance);
    this.ahead = chain.independent() ? AHEAD * probes : 1;
  }

  CompletionStage<LookupOutcome> start(Scheduler scheduler, long budgetMillis) {
    advance();
    if (!outcome.isDone()) {
      Scheduler.Timer timer = scheduler.after(budgetMillis, this::overBudget);
      outcome.whenComplete((_, _) -> timer.cancel());
    }
    return outcome;
  }

  /** Goes on as far as what is known by now allows. Never waits. */
  private void advance() {
    if (turns.getAndIncrement() > 0) {
      return;
    }
    int seen = 1;
    while (seen > 0) {
      goOn();
      seen = turns.addAndGet(-seen);
    }
  }

  private void goOn() {
    while (!over) {
      List<LowerTier> unlisted = probe.unlisted();
      BlockKey gap = followIndex();
      if (gap == null) {
        return;
      }
      ParallelProbe.Answer answer = probe.answerAt(found.size());
      if (answer == null) {
        ask(gap, unlisted);
        return;
      }
      switch (answer) {
        case PRESENT -> {
          // It may have come to the index after that was looked at. Once: it may have left, too.
          if (foundByTier == found.size()) {
            finish(Optional.of(explain(gap)));
          }
          foundByTier = found.size();
        }
        case ABSENT -> finish(Optional.of(explain(gap)));
        case TIER_DOWN -> finish(Optional.of(tierDown("a tier that may hold the block is down")));
      }
    }
  }

  /** Asks for the block at the gap and, as far as may be, for those after it. */
  private void ask(BlockKey gap, List<LowerTier> unlisted) {
    int first = found.size();
    switch (probe.ask(first, gap, unlisted)) {
      case NOWHERE -> {
        finish(Optional.of(explain(gap)));
        return;
      }
      case REFUSED -> {
        overBudget();
        return;
      }
      case ENOUGH -> {
        return;
      }
      case SENT -> startAsking();
    }
    int end = Math.min(chain.blocks(), first + ahead);
    for (askedUpTo = Math.max(askedUpTo, first + 1); askedUpTo < end; askedUpTo++) {
      BlockKey key = chain.key(askedUpTo, 0);
      if (!index.finder().find(key, aheadView)
          && probe.ask(askedUpTo, key, unlisted) != ParallelProbe.Asked.SENT) {
        return;
      }
    }
  }

  private synchronized void startAsking() {
    if (!asking) {
      asking = true;
      askingSinceNanos = clock.nanoTime();
    }
  }

  /** Walks on as far as the index knows. Null: the walk is over; else the key it lacks. */
  private @Nullable BlockKey followIndex() {
    long now = clock.nanoTime();
    BlockView block = new BlockView();
    while (found.size() < chain.blocks() && !over) {
      BlockKey key = nextKey();
      if (!find(key, block) || !block.inNamespace(namespace)) {
        return key;
      }
      if (block.expiredAt(now)) {
        finish(
            Optional.of(
                new Stop(
                    found.size(),
                    StopReason.EXPIRED,
                    (now - block.expiresAtNanos) / 1_000_000,
                    0,
                    "the block's TTL is over")));
        return null;
      }
      if (!reachable(block)) {
        finish(Optional.of(tierDown("the only tier that holds the block is down")));
        return null;
      }
      step(key, block);
    }
    finish(Optional.empty());
    return null;
  }

  /** The key of the first block not found yet, others that follow it being made on the way. */
  private BlockKey nextKey() {
    int next = found.size();
    if (!chain.independent()) {
      return chain.key(next, parentLabel);
    }
    if (next >= windowStart + window.size()) {
      // Twice as many each time: most lookups that miss do so early.
      int ahead = Math.min(Math.max(1, 2 * window.size()), KeyWindow.CAPACITY);
      window.clear();
      windowStart = next;
      for (int i = next; i < Math.min(next + ahead, chain.blocks()); i++) {
        window.add(chain.key(i, 0));
      }
      index.finder().readAhead(window);
    }
    return window.key(next - windowStart);
  }

  private boolean find(BlockKey key, BlockView block) {
    return chain.independent()
        ? index.finder().find(window, found.size() - windowStart, block)
        : index.finder().find(key, block);
  }

  private synchronized void step(BlockKey key, BlockView block) {
    if (over) {
      return;
    }
    found.add(new Found(key, block.label, place(block)));
    prefix.add(block);
    parentLabel = block.label;
  }

  private Place place(BlockView block) {
    if (hot.holds(block)) {
      return Place.DRAM;
    }
    for (LowerTier tier : lower) {
      if (block.inTier(tier.ordinal) && tier.level == AckLevel.LOCAL) {
        return Place.LOCAL;
      }
    }
    return Place.SHARED;
  }

  private boolean reachable(BlockView block) {
    if (hot.holds(block)) {
      return true;
    }
    for (LowerTier tier : lower) {
      if (block.inTier(tier.ordinal) && tier.reachable(namespace)) {
        return true;
      }
    }
    return false;
  }

  private Stop tierDown(String detail) {
    return new Stop(found.size(), StopReason.TIER_DOWN, 0, 0, detail);
  }

  private Stop explain(BlockKey key) {
    int at = found.size();
    return index
        .ghost(key)
        .map(ghost ->
            switch (ghost.reason()) {
              case EVICTED ->
                  stop(at, StopReason.EVICTED, ghost, "evicted to make room for other blocks");
              case EXPIRED -> stop(at, StopReason.EXPIRED, ghost, "the block's TTL is over");
              case CORRUPT ->
                  stop(at, StopReason.CORRUPT, ghost, "failed its checksum and was quarantined");
              case DELETED -> stop(at, StopReason.DELETED, ghost, "removed from its tier");
              case DROPPED ->
                  stop(at, StopReason.DROPPED, ghost, "its write was refused: a limit was hit");
            })
        .orElseGet(() ->
            new Stop(
                at,
                StopReason.NEVER_STORED,
                0,
                0,
                "not stored under this prefix, or gone too long to be remembered"));
  }

  private static Stop stop(int at, StopReason reason, GhostTable.Ghost ghost, String detail) {
    return new Stop(at, reason, ghost.ageMillis(), ghost.uses(), detail);
  }

  private void overBudget() {
    Stop stop;
    synchronized (this) {
      stop =
          new Stop(
              found.size(),
              StopReason.OVER_BUDGET,
              0,
              0,
              "the lookup budget was spent asking a tier");
    }
    if (finish(Optional.of(stop))) {
      counters.overBudget.increment();
    }
  }

  /** Ends the walk; false when it was over already. Blocks count as used before anyone is told. */
  private boolean finish(Optional<Stop> stop) {
    LookupOutcome result;
    synchronized (this) {
      if (over) {
        return false;
      }
      over = true;
      probe.stop();
      long storageNanos = asking ? clock.nanoTime() - askingSinceNanos : 0;
      // The stop's index, not the list's end: the walk may have gone on since the timer looked.
      int blocks = stop.map(Stop::blockIndex).orElse(found.size());
      result = new LookupOutcome(List.copyOf(found.subList(0, blocks)), stop, storageNanos);
    }
    counters.lookupBlocks.add(chain.blocks());
    counters.lookupHits.add(result.blocks().size());
    index.touch(prefix, result.blocks().size());
    if (stop.isPresent()) {
      hot.missed(namespace);
    }
    outcome.complete(result);
    return true;
  }
}
