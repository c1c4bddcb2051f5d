package io.kveik.server.cache;

import io.kveik.server.block.AckLevel;
import io.kveik.server.block.BlockKey;
import io.kveik.server.block.BlockRef;
import io.kveik.server.block.Fingerprint;
import io.kveik.server.block.TurnEnd;
import io.kveik.server.cache.eviction.EvictionPolicy;
import io.kveik.server.cache.eviction.NoEviction;
import io.kveik.server.memory.RecordMemory;
import io.kveik.server.runtime.Clock;
import io.kveik.server.runtime.Scheduler;
import io.kveik.server.runtime.Workers;
import io.kveik.server.tier.MemoryTier;
import io.kveik.server.tier.StoredBlock;
import io.kveik.server.tier.Tier;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/**
 * The store of one server: DRAM on top, any tiers below, one index over them.
 *
 * <p>Never blocks its caller: what DRAM and the index can answer is answered on the calling thread,
 * the rest on storage threads within budgets, and every wait ends in a legal answer (a shorter
 * prefix, a miss, a lower ack level). All methods are safe from any thread. Stages complete on the
 * calling thread, a storage thread or the timer thread: what depends on them must not block either.
 */
public final class CacheEngine implements AutoCloseable {
  /**
   * A tier below DRAM, top down.
   *
   * @param level what a write that reached it survives
   * @param admission when it takes blocks that no writer waits for it to take
   */
  public record Below(Tier tier, AckLevel level, long capacityBytes, Admission admission) {
    /** A tier that takes blocks as they are stored. */
    public Below(Tier tier, AckLevel level, long capacityBytes) {
      this(tier, level, capacityBytes, Admission.WRITE);
    }
  }

  private final EngineOptions options;
  private final Clock clock;
  private final Scheduler scheduler;
  private final Workers storage;
  private final MemoryTier memory;
  private final BlockIndex index;
  private final HotMemory hot;
  private final WritePath writes;
  private final LowerTiers lower;
  private final @Nullable Demoter demoter;
  private final ColdReads coldReads;
  private final Prefetches prefetches;
  private final BlockControl control;
  private final EngineCounters counters = new EngineCounters();
  private volatile AccessObserver observer = AccessObserver.none();

  /** An engine that remembers nothing for the next one: for tests and tools. */
  public CacheEngine(
      MemoryTier memory,
      List<Below> below,
      EvictionPolicy.Factory policies,
      EngineOptions options,
      Workers storage,
      Scheduler scheduler,
      Clock clock) {
    this(
        memory,
        below,
        policies,
        options,
        ControlOptions.small(memory.usage().capacityBytes()),
        Journal.forgetful(),
        KeptSettings.forgetful(),
        storage,
        scheduler,
        clock);
  }

  /**
   * @param memory the DRAM tier
   * @param below the tiers under it, top down; may be empty
   * @param policies makes the eviction policy of each bounded tier but those that evict by
   *     themselves
   * @param deletions what tiers have yet to remove; taken over
   * @param kept what has been set for blocks; taken over
   * @param storage where what blocks runs
   * @param scheduler for budgets
   */
  public CacheEngine(
      MemoryTier memory,
      List<Below> below,
      EvictionPolicy.Factory policies,
      EngineOptions options,
      ControlOptions controlOptions,
      Journal<OwedRemoval> deletions,
      KeptSettings kept,
      Workers storage,
      Scheduler scheduler,
      Clock clock) {
    this.memory = memory;
    this.options = options;
    this.storage = storage;
    this.scheduler = scheduler;
    this.clock = clock;
    boolean demotes = LowerTiers.demote(below);
    int leavingTier = 1 + below.size();
    this.index =
        new BlockIndex(
            policiesOf(below, policies, demotes),
            options.shares(),
            options.ghosts(),
            kept,
            clock,
            options.hugePages() ? RecordMemory.openWithHugePages() : RecordMemory.open());
    this.hot = new HotMemory(memory, index, leavingTier, counters);
    Passages passages = new Passages();
    WriteClock writeClock = new WriteClock(clock);
    writeClock.observeCutOff(kept.latestMillis());
    OwedRemovals owed = new OwedRemovals(deletions, controlOptions.owedRemovals());
    writeClock.observeCutOff(owed.latestMillis());
    this.lower =
        new LowerTiers(below, index, owed, kept, writeClock, passages, options, scheduler, clock);
    List<LowerTier> tiers = lower.tiers();
    Watermarks watermarks = new Watermarks(hot, options.movement());
    this.demoter =
        demotes
            ? new Demoter(
                hot,
                index.finder(),
                passages,
                lower.demotionWays(),
                options.ghosts(),
                watermarks,
                clock)
            : null;
    if (demoter != null) {
      hot.demoteThrough(demoter);
    }
    if (below.isEmpty()) {
      hot.admitBy(index.admission());
    }
    this.coldReads =
        new ColdReads(
            tiers, index, hot, passages, storage, scheduler, clock, options, watermarks, counters);
    this.prefetches =
        new Prefetches(index.finder(), hot, tiers, coldReads, scheduler, clock, options.movement());
    this.control =
        new BlockControl(
            new Deletion.Parts(hot, tiers, passages, owed, kept, writeClock, index.census()),
            index.settings(),
            coldReads,
            controlOptions,
            counters,
            scheduler,
            clock);
    ExpirySweep expiry = new ExpirySweep(index, hot, tiers, owed, kept, writeClock, counters);
    this.writes =
        new WritePath(
            index,
            hot,
            new WriteDown(index, hot, lower, passages, scheduler, options.ackWaitMillis(), clock),
            expiry,
            passages,
            writeClock,
            storage,
            options.shares().quotaBytes(),
            counters,
            clock);
    expiry.start(scheduler, storage);
  }

  /** One for each tier, and for the population of what leaves DRAM. */
  private static List<EvictionPolicy.Factory> policiesOf(
      List<Below> below, EvictionPolicy.Factory bounded, boolean demotes) {
    List<EvictionPolicy.Factory> all = new ArrayList<>();
    all.add(bounded);
    all.addAll(LowerTiers.policies(below, bounded));
    if (demotes) {
      all.add(_ -> new NoEviction());
    }
    return all;
  }

  /**
   * Learns what the tiers below hold from before; blocks until they are listed. Until then lookups
   * and reads ask the tiers block by block; shared tiers are not listed, and always asked.
   *
   * @return blocks found
   */
  public long recover() {
    return lower.list(clock.wallMillis());
  }

  /** Tells the observer of all lookups and writes from now on, instead of the one before. */
  public void observeWith(AccessObserver observer) {
    this.observer = observer;
  }

  /** The longest prefix of the chain that is present. Counts as use of its blocks. */
  public CompletionStage<LookupOutcome> lookup(Fingerprint namespace, Chain chain) {
    return lookup(namespace, chain, options.lookupBudgetMillis());
  }

  /**
   * The same for a caller in a hurry.
   *
   * @param patienceMillis how long tiers may be asked, if that is less than the lookup budget
   */
  public CompletionStage<LookupOutcome> lookup(
      Fingerprint namespace, Chain chain, long patienceMillis) {
    observer.lookedUp(namespace, chain);
    return new LookupWalk(
            chain,
            namespace,
            index,
            hot,
            lower.tiers(),
            storage,
            options.lookupProbes(),
            clock,
            counters)
        .start(scheduler, Math.min(patienceMillis, options.lookupBudgetMillis()));
  }

  /** One block, if it belongs to the namespace. */
  public CompletionStage<ReadOutcome> read(Fingerprint namespace, BlockKey key) {
    long startNanos = clock.nanoTime();
    BlockView known = new BlockView();
    if (index.finder().find(key, known)) {
      if (!known.inNamespace(namespace)) {
        return missed(ReadOutcome.Reason.ABSENT, startNanos);
      }
      if (known.expiredAt(clock.nanoTime())) {
        return missed(ReadOutcome.Reason.EXPIRED, startNanos);
      }
      StoredBlock block = hot.get(new BlockRef(namespace, key));
      if (block != null) {
        counters.memoryHits.increment();
        return CompletableFuture.completedFuture(
            new ReadOutcome.Hit(block, clock.nanoTime() - startNanos));
      }
    }
    return coldReads
        .read(key, namespace)
        .thenApply(outcome -> {
          switch (outcome) {
            case ReadOutcome.Hit(_, _) -> counters.lowerHits.increment();
            case ReadOutcome.Miss(_, _) -> counters.readMisses.increment();
          }
          return outcome;
        });
  }

  /** True when some tier is known to have the block and it belongs to the namespace. */
  public boolean holds(Fingerprint namespace, BlockKey key) {
    BlockView known = new BlockView();
    return index.finder().find(key, known)
        && known.inNamespace(namespace)
        && !known.expiredAt(clock.nanoTime());
  }

  /**
   * Starts bringing a block to DRAM that is about to be read, unless it is there or would not be
   * promoted; nobody waits for it.
   */
  public void prefetch(Fingerprint namespace, BlockKey key) {
    if (!index.finder().inTier(key, HotMemory.TIER) && coldReads.wouldPromote(key)) {
      coldReads
          .read(key, namespace)
          .thenAccept(outcome -> {
            if (outcome instanceof ReadOutcome.Hit(StoredBlock block, _)) {
              block.close();
            }
          });
    }
  }

  /**
   * Starts bringing blocks to DRAM as background work, within the bounds of prefetching; nobody
   * waits for them.
   *
   * @param chain root first; taken up to the first that no tier is known to have
   */
  public PrefetchOutcome prefetch(Fingerprint namespace, List<BlockKey> chain) {
    return prefetches.offer(namespace, chain);
  }

  /**
   * A client tells why the turn ended that used these blocks last: a hint when they are used again,
   * from which the eviction policy may learn. Unknown blocks are passed over.
   *
   * @param keys of its blocks, from the first on, as many as the turn used
   */
  public void turnEnded(Fingerprint namespace, Chain chain, List<BlockKey> keys, TurnEnd end) {
    if (end != TurnEnd.UNKNOWN) {
      observer.turnEnded(namespace, chain, keys.size(), end);
      index.turnEnded(keys, end);
    }
  }

  /** The same of a single block, wherever in its chain it is. Observers are not told. */
  public void turnEnded(BlockKey key, TurnEnd end) {
    if (end != TurnEnd.UNKNOWN) {
      index.turnEnded(List.of(key), end);
    }
  }

  /**
   * The chain that ends in a block, root first, as far back as it is unbroken.
   *
   * @param limit blocks to follow back
   * @return empty when no tier is known to have the block in the namespace
   */
  public List<BlockKey> chainTo(Fingerprint namespace, BlockKey last, int limit) {
    List<BlockKey> chain = new ArrayList<>();
    BlockKey key = holds(namespace, last) ? last : null;
    while (key != null && chain.size() < limit) {
      chain.add(key);
      key = index.parentOf(key);
    }
    return chain.reversed();
  }

  /** Stores a block. The first writer wins: the same key again changes nothing. */
  public CompletionStage<WriteOutcome> write(WriteCommand command) {
    observer.offered(
        command.namespace(),
        command.tokenCount(),
        command.payload().length() + command.attributes().length);
    return writes.write(command);
  }

  /** Operations on blocks that are stored. */
  public BlockControl control() {
    return control;
  }

  public EngineCounters counters() {
    return counters;
  }

  public EngineStatus status() {
    return EngineStatus.of(memory, index, lower, counters, demoter);
  }

  /** The largest body (payload and attributes) that is ever taken in, bytes. */
  public long largestBody() {
    return hot.largestBody();
  }

  /**
   * Writes behind what was accepted, then closes the tiers, DRAM last, and the index. Call after
   * the last request has been answered.
   */
  @Override
  public void close() {
    control.close();
    if (demoter != null) {
      demoter.close();
    }
    lower.close();
    memory.close();
    index.close();
  }

  private CompletionStage<ReadOutcome> missed(ReadOutcome.Reason reason, long startNanos) {
    counters.readMisses.increment();
    return CompletableFuture.completedFuture(
        new ReadOutcome.Miss(reason, clock.nanoTime() - startNanos));
  }
}
