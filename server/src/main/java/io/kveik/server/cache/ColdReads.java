package io.kveik.server.cache;

import io.kveik.server.block.BlockHeader;
import io.kveik.server.block.BlockKey;
import io.kveik.server.block.BlockRef;
import io.kveik.server.block.Fingerprint;
import io.kveik.server.runtime.Clock;
import io.kveik.server.runtime.Scheduler;
import io.kveik.server.runtime.Workers;
import io.kveik.server.tier.GetOutcome;
import io.kveik.server.tier.StoredBlock;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * Reads of blocks that are not in DRAM: one fetch per block however many wait (single flight),
 * within the read budget, promoted to DRAM on the way if the {@link Promotion} rule says so.
 *
 * <p>Called from any thread, blocks none: fetches run on the storage workers.
 */
final class ColdReads {
  private final List<LowerTier> lower;
  private final BlockIndex index;
  private final HotMemory hot;
  private final Passages passages;
  private final Workers storage;
  private final Scheduler scheduler;
  private final Clock clock;
  private final long budgetMillis;
  private final Promotion promotion;
  private final Watermarks watermarks;
  private final SeenOnce readOnce;
  private final EngineCounters counters;
  private final ConcurrentHashMap<BlockRef, Flight> flights = new ConcurrentHashMap<>();

  ColdReads(
      List<LowerTier> lower,
      BlockIndex index,
      HotMemory hot,
      Passages passages,
      Workers storage,
      Scheduler scheduler,
      Clock clock,
      EngineOptions options,
      Watermarks watermarks,
      EngineCounters counters) {
    this.lower = lower;
    this.index = index;
    this.hot = hot;
    this.passages = passages;
    this.storage = storage;
    this.scheduler = scheduler;
    this.clock = clock;
    this.budgetMillis = options.readBudgetMillis();
    this.promotion = options.movement().promotion();
    this.watermarks = watermarks;
    this.readOnce = new SeenOnce(promotion == Promotion.ALWAYS ? 0 : options.ghosts());
    this.counters = counters;
  }

  /**
   * One fetch and those who wait for it. It is for one namespace: who names a block of another must
   * not share its answer.
   */
  private static final class Flight {
    /** What the tier's background work gives way to; null for a read that is background work. */
    private final @Nullable BackgroundPace before;

    private final Passages.Passage passage;
    private final List<CompletableFuture<ReadOutcome>> waiters = new ArrayList<>();
    private boolean landed;

    Flight(@Nullable BackgroundPace before, Passages.Passage passage) {
      this.before = before;
      this.passage = passage;
    }

    void takesOff() {
      if (before != null) {
        before.readBegins();
      }
    }

    /** False when the flight has landed: start another. */
    synchronized boolean join(CompletableFuture<ReadOutcome> waiter) {
      return !landed && waiters.add(waiter);
    }

    List<CompletableFuture<ReadOutcome>> land() {
      if (before != null) {
        before.readEnds();
      }
      synchronized (this) {
        landed = true;
        return waiters;
      }
    }
  }

  /** A block that somebody waits for: background work on its tier gives way. */
  CompletionStage<ReadOutcome> read(BlockKey key, Fingerprint namespace) {
    return read(key, namespace, true);
  }

  /** The same as background work. The block enters DRAM whatever the promotion rule. */
  CompletionStage<ReadOutcome> readAhead(BlockKey key, Fingerprint namespace) {
    return read(key, namespace, false);
  }

  private CompletionStage<ReadOutcome> read(BlockKey key, Fingerprint namespace, boolean awaited) {
    long startNanos = clock.nanoTime();
    BlockRef wanted = new BlockRef(namespace, key);
    if (!mayHold(wanted)) {
      return CompletableFuture.completedFuture(miss(ReadOutcome.Reason.ABSENT, startNanos));
    }
    CompletableFuture<ReadOutcome> waiter = new CompletableFuture<>();
    while (true) {
      boolean[] fresh = new boolean[1];
      Flight flight =
          flights.computeIfAbsent(
              wanted,
              _ -> {
                fresh[0] = true;
                return new Flight(awaited ? source(key).pace : null, passages.open(wanted));
              });
      // Who comes after a deletion must not wait for a fetch from before it.
      boolean stale = !fresh[0] && flight.passage.ended();
      if (stale || !flight.join(waiter)) {
        flights.remove(wanted, flight);
        continue;
      }
      if (!fresh[0]) {
        counters.sharedFetches.increment();
      } else {
        flight.takesOff();
        if (!storage.tryExecute(() -> fetch(wanted, flight, startNanos))) {
          land(wanted, flight, null, ReadOutcome.Reason.OVER_BUDGET, startNanos);
        }
      }
      break;
    }
    Scheduler.Timer timer =
        scheduler.after(
            budgetMillis,
            () -> {
              if (waiter.complete(miss(ReadOutcome.Reason.OVER_BUDGET, startNanos))) {
                counters.overBudget.increment();
              }
            });
    waiter.whenComplete((_, _) -> timer.cancel());
    return waiter;
  }

  private boolean mayHold(BlockRef wanted) {
    // Asked before the index is: a tier whose listing ends in between has its blocks there by then.
    List<LowerTier> unlisted = lower.stream().filter(tier -> !tier.listed()).toList();
    return lower.stream().anyMatch(tier -> index.finder().inTier(wanted.key(), tier.ordinal))
        || unlisted.stream().anyMatch(tier -> tier.mayHold(wanted));
  }

  /** The tier that is asked first, as far as can be told. */
  private LowerTier source(BlockKey key) {
    return lower.stream()
        .filter(tier -> index.finder().inTier(key, tier.ordinal))
        .findFirst()
        .orElse(lower.getFirst());
  }

  private void fetch(BlockRef wanted, Flight flight, long startNanos) {
    BlockKey key = wanted.key();
    ReadOutcome.Reason reason = ReadOutcome.Reason.ABSENT;
    StoredBlock block = null;
    try {
      // A write or an earlier flight may have brought it to DRAM meanwhile.
      block = hot.get(wanted);
      for (LowerTier tier : lower) {
        if (block != null) {
          break;
        }
        boolean listed = tier.listed();
        if (!index.finder().inTier(key, tier.ordinal) && (listed || !tier.mayHold(wanted))) {
          continue;
        }
        if (!tier.health.admits()) {
          reason = ReadOutcome.Reason.TIER_DOWN;
          continue;
        }
        switch (tier.get(wanted, hot)) {
          case GetOutcome.Hit(StoredBlock found) -> {
            tier.health.succeeded();
            tier.hits.increment();
            block = found;
            if (found.header().namespace().equals(wanted.namespace())) {
              promote(found, tier, flight);
            }
          }
          case GetOutcome.Absent() ->
              // Not if it was deleted meanwhile: by now it may have been stored again.
              flight.passage.arrive(() -> index.leave(key, tier.ordinal, Departure.DELETED));
          case GetOutcome.Corrupt(_) -> {
            counters.corrupt.increment();
            index.leave(key, tier.ordinal, Departure.CORRUPT);
            reason = ReadOutcome.Reason.CORRUPT;
          }
          case GetOutcome.NoBuffer() -> reason = ReadOutcome.Reason.NO_MEMORY;
          case GetOutcome.Failed(_) -> {
            tier.health.failed();
            reason = ReadOutcome.Reason.TIER_DOWN;
          }
        }
      }
      if (block != null && !block.header().namespace().equals(wanted.namespace())) {
        block.close();
        block = null;
        reason = ReadOutcome.Reason.ABSENT;
      }
    } finally {
      land(wanted, flight, block, reason, startNanos);
    }
  }

  /**
   * Makes the fetched bytes a DRAM block too if they are to be one, unless the block has been
   * deleted meanwhile.
   */
  private void promote(StoredBlock found, LowerTier from, Flight flight) {
    BlockHeader header = found.header();
    boolean promoted = flight.before == null || promotes(header.key());
    if (!promoted) {
      counters.servedFromBelow.increment();
    }
    boolean arrived =
        flight.passage.arrive(() -> {
          index.note(header, from.ordinal);
          if (promoted) {
            hot.admit(found.retain(), false);
          }
        });
    if (arrived && promoted) {
      hot.keepToQuota(header);
    }
  }

  private boolean promotes(BlockKey key) {
    return switch (promotion) {
      case ALWAYS -> true;
      case SECOND_USE -> hasRoom() || readOnce.again(key);
    };
  }

  /** Whether a read of the block would promote it: if not, a fetch ahead of it is for nothing. */
  boolean wouldPromote(BlockKey key) {
    return switch (promotion) {
      case ALWAYS -> true;
      case SECOND_USE -> hasRoom() || readOnce.remembers(key);
    };
  }

  private boolean hasRoom() {
    return hot.freeBytes() >= watermarks.highBytes();
  }

  private void land(
      BlockRef wanted,
      Flight flight,
      @Nullable StoredBlock block,
      ReadOutcome.Reason reason,
      long startNanos) {
    flights.remove(wanted, flight);
    List<CompletableFuture<ReadOutcome>> waiters = flight.land();
    // Asked once nobody can join any more: whoever came after the deletion must not see the block.
    boolean deleted = flight.passage.ended();
    flight.passage.close();
    for (CompletableFuture<ReadOutcome> waiter : waiters) {
      if (block == null || deleted) {
        waiter.complete(miss(deleted ? ReadOutcome.Reason.ABSENT : reason, startNanos));
        continue;
      }
      StoredBlock own = block.retain();
      if (!waiter.complete(new ReadOutcome.Hit(own, clock.nanoTime() - startNanos))) {
        own.close();
      }
    }
    if (block != null) {
      block.close();
    }
  }

  private ReadOutcome miss(ReadOutcome.Reason reason, long startNanos) {
    return new ReadOutcome.Miss(reason, clock.nanoTime() - startNanos);
  }
}
