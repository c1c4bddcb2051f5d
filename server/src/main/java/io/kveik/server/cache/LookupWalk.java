package io.kveik.server.cache;

import io.kveik.server.block.AckLevel;
import io.kveik.server.block.BlockHeader;
import io.kveik.server.block.BlockKey;
import io.kveik.server.block.BlockRef;
import io.kveik.server.block.Fingerprint;
import io.kveik.server.cache.LookupOutcome.Found;
import io.kveik.server.cache.LookupOutcome.Place;
import io.kveik.server.cache.LookupOutcome.Stop;
import io.kveik.server.cache.LookupOutcome.StopReason;
import io.kveik.server.runtime.Clock;
import io.kveik.server.runtime.Scheduler;
import io.kveik.server.runtime.Workers;
import io.kveik.server.tier.FindOutcome;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/**
 * One lookup on its way along a chain. Runs on the caller's thread while the index knows the
 * answer; from the first block on that only a tier can tell of, on a storage thread, within the
 * lookup budget. Whatever happens, it ends with the prefix found so far.
 */
final class LookupWalk {
  private final Chain chain;
  private final Fingerprint namespace;
  private final BlockIndex index;
  private final HotMemory hot;
  private final List<LowerTier> lower;
  private final Clock clock;
  private final EngineCounters counters;
  private final CompletableFuture<LookupOutcome> outcome = new CompletableFuture<>();

  // Handed from thread to thread with the walk; the budget timer reads them under this lock.
  private final List<Found> found = new ArrayList<>();
  private final Prefix prefix = new Prefix();
  private final KeyWindow window = new KeyWindow();
  private int windowStart;
  private long parentLabel;
  private long storageNanos;
  private volatile boolean over;

  LookupWalk(
      Chain chain,
      Fingerprint namespace,
      BlockIndex index,
      HotMemory hot,
      List<LowerTier> lower,
      Clock clock,
      EngineCounters counters) {
    this.chain = chain;
    this.namespace = namespace;
    this.index = index;
    this.hot = hot;
    this.lower = lower;
    this.clock = clock;
    this.counters = counters;
  }

  CompletionStage<LookupOutcome> start(Workers storage, Scheduler scheduler, long budgetMillis) {
    // Asked before the index is: a tier whose listing ends in between has its blocks there by then.
    List<LowerTier> unlisted = unlisted();
    BlockKey gap = followIndex();
    if (gap == null) {
      return outcome;
    }
    BlockRef missing = new BlockRef(namespace, gap);
    if (unlisted.stream().noneMatch(tier -> tier.mayHold(missing))) {
      finish(Optional.of(explain(gap)));
      return outcome;
    }
    Scheduler.Timer timer = scheduler.after(budgetMillis, this::overBudget);
    outcome.whenComplete((_, _) -> timer.cancel());
    if (!storage.tryExecute(this::probe)) {
      overBudget();
    }
    return outcome;
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
      index.readAhead(window);
    }
    return window.key(next - windowStart);
  }

  private boolean find(BlockKey key, BlockView block) {
    return chain.independent()
        ? index.find(window, found.size() - windowStart, block)
        : index.find(key, block);
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

  private void probe() {
    while (!over) {
      List<LowerTier> unlisted = unlisted();
      BlockKey gap = followIndex();
      if (gap == null) {
        return;
      }
      BlockRef missing = new BlockRef(namespace, gap);
      boolean down = false;
      boolean present = false;
      for (LowerTier tier : unlisted) {
        if (present) {
          break;
        }
        if (!tier.mayHold(missing)) {
          continue;
        }
        if (!tier.health.admits()) {
          down = true;
          continue;
        }
        long startNanos = clock.nanoTime();
        FindOutcome answer = tier.tier.find(missing);
        addStorageNanos(clock.nanoTime() - startNanos);
        switch (answer) {
          case FindOutcome.Found(BlockHeader header) -> {
            tier.health.succeeded();
            present = index.note(header, tier.ordinal) && header.namespace().equals(namespace);
          }
          case FindOutcome.Absent() -> {}
          case FindOutcome.Failed(_) -> {
            tier.health.failed();
            down = true;
          }
        }
      }
      if (!present) {
        finish(
            Optional.of(down ? tierDown("a tier that may hold the block is down") : explain(gap)));
        return;
      }
    }
  }

  private List<LowerTier> unlisted() {
    return lower.stream().filter(tier -> !tier.listed()).toList();
  }

  private synchronized void addStorageNanos(long nanos) {
    storageNanos += nanos;
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
      // The stop's index, not the list's end: the walk may have gone on since the timer looked.
      int blocks = stop.map(Stop::blockIndex).orElse(found.size());
      result = new LookupOutcome(List.copyOf(found.subList(0, blocks)), stop, storageNanos);
    }
    counters.lookupBlocks.add(chain.blocks());
    counters.lookupHits.add(result.blocks().size());
    index.touch(prefix, result.blocks().size());
    outcome.complete(result);
    return true;
  }
}
