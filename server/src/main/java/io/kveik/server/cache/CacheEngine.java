package io.kveik.server.cache;

import io.kveik.server.block.AckLevel;
import io.kveik.server.block.BlockHeader;
import io.kveik.server.block.BlockKey;
import io.kveik.server.block.BlockRef;
import io.kveik.server.block.Fingerprint;
import io.kveik.server.cache.eviction.EvictionPolicy;
import io.kveik.server.cache.eviction.LogRetention;
import io.kveik.server.cache.eviction.NoEviction;
import io.kveik.server.memory.Crc32c;
import io.kveik.server.memory.Lease;
import io.kveik.server.memory.RecordMemory;
import io.kveik.server.runtime.Clock;
import io.kveik.server.runtime.Scheduler;
import io.kveik.server.runtime.Workers;
import io.kveik.server.tier.MemoryTier;
import io.kveik.server.tier.SelfEvictingTier;
import io.kveik.server.tier.SharedTier;
import io.kveik.server.tier.StoredBlock;
import io.kveik.server.tier.Tier;
import java.lang.foreign.MemorySegment;
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
  private static final int SWEEP_BLOCKS = 1_000;
  private static final long SWEEP_PERIOD_MILLIS = 1_000;

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
  private final Passages passages = new Passages();
  private final WriteClock writeClock;
  private final OwedRemovals owed;
  private final List<LowerTier> lower = new ArrayList<>();
  private final List<WriteBehind> behind = new ArrayList<>();
  private final @Nullable Demoter demoter;
  private final ColdReads coldReads;
  private final Prefetches prefetches;
  private final BlockControl control;
  private final EngineCounters counters = new EngineCounters();
  private volatile AccessObserver observer = AccessObserver.none();

  /** An engine whose tiers forget with it what they have yet to remove: for tests and tools. */
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
        DeletionLog.forgetful(),
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
   * @param storage where what blocks runs
   * @param scheduler for budgets
   */
  public CacheEngine(
      MemoryTier memory,
      List<Below> below,
      EvictionPolicy.Factory policies,
      EngineOptions options,
      ControlOptions controlOptions,
      DeletionLog deletions,
      Workers storage,
      Scheduler scheduler,
      Clock clock) {
    this.memory = memory;
    this.options = options;
    this.storage = storage;
    this.scheduler = scheduler;
    this.clock = clock;
    boolean demotes = below.stream().anyMatch(one -> one.admission() != Admission.WRITE);
    int leavingTier = 1 + below.size();
    this.index =
        new BlockIndex(
            policiesOf(below, policies, demotes),
            options.shares(),
            options.ghosts(),
            clock,
            options.hugePages() ? RecordMemory.openWithHugePages() : RecordMemory.open());
    this.hot = new HotMemory(memory, index, leavingTier, counters);
    this.writeClock = new WriteClock(clock);
    this.owed = new OwedRemovals(deletions, controlOptions.owedRemovals());
    for (Below one : below) {
      TierHealth health =
          new TierHealth(clock, options.tierRetryMillis(), !(one.tier() instanceof SharedTier));
      LowerTier tier =
          new LowerTier(
              one.tier(),
              lower.size() + 1,
              one.level(),
              one.capacityBytes(),
              index,
              health,
              one.admission(),
              new BackgroundPace(
                  options.movement().behindBytesPerSecond(),
                  options.movement().behindPauseMillis(),
                  clock),
              owed,
              writeClock,
              passages);
      lower.add(tier);
      behind.add(new WriteBehind(tier, options, scheduler));
    }
    Watermarks watermarks = new Watermarks(hot, options.movement());
    this.demoter = demotes ? demoter(watermarks) : null;
    this.coldReads =
        new ColdReads(
            lower, index, hot, passages, storage, scheduler, clock, options, watermarks, counters);
    this.prefetches =
        new Prefetches(index, hot, lower, coldReads, scheduler, clock, options.movement());
    this.control =
        new BlockControl(
            new Deletion.Parts(hot, lower, passages, owed, writeClock, index.census()),
            index.settings(),
            coldReads,
            controlOptions,
            counters,
            scheduler,
            clock);
    scheduler.every(SWEEP_PERIOD_MILLIS, () -> storage.tryExecute(this::sweepExpired));
  }

  /** One for each tier, and for the population of what leaves DRAM; nothing where none is asked. */
  private static List<EvictionPolicy.Factory> policiesOf(
      List<Below> below, EvictionPolicy.Factory bounded, boolean demotes) {
    List<EvictionPolicy.Factory> all = new ArrayList<>();
    all.add(bounded);
    for (Below one : below) {
      if (one.tier() instanceof SelfEvictingTier) {
        all.add(LogRetention::new);
      } else {
        all.add(one.capacityBytes() == Long.MAX_VALUE ? _ -> new NoEviction() : bounded);
      }
    }
    if (demotes) {
      all.add(_ -> new NoEviction());
    }
    return all;
  }

  private Demoter demoter(Watermarks watermarks) {
    List<Demoter.Way> ways = new ArrayList<>();
    for (int i = 0; i < lower.size(); i++) {
      if (lower.get(i).admission != Admission.WRITE) {
        ways.add(new Demoter.Way(lower.get(i), behind.get(i)));
      }
    }
    Demoter made = new Demoter(hot, index, passages, ways, options.ghosts(), watermarks, clock);
    hot.demoteThrough(made);
    return made;
  }

  /**
   * Learns what the tiers below hold from before; blocks until they are listed. Until then lookups
   * and reads ask the tiers block by block; shared tiers are not listed, and always asked.
   *
   * @return blocks found
   */
  public long recover() {
    long found = 0;
    for (LowerTier tier : lower) {
      if (tier.awaitsListing()) {
        found += tier.list(clock.wallMillis());
      }
    }
    return found;
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
            chain, namespace, index, hot, lower, storage, options.lookupProbes(), clock, counters)
        .start(scheduler, Math.min(patienceMillis, options.lookupBudgetMillis()));
  }

  /** One block, if it belongs to the namespace. */
  public CompletionStage<ReadOutcome> read(Fingerprint namespace, BlockKey key) {
    long startNanos = clock.nanoTime();
    BlockView known = new BlockView();
    if (index.find(key, known)) {
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
    return index.find(key, known)
        && known.inNamespace(namespace)
        && !known.expiredAt(clock.nanoTime());
  }

  /**
   * Starts bringing a block to DRAM that is about to be read, unless it is there or would not be
   * promoted; nobody waits for it.
   */
  public void prefetch(Fingerprint namespace, BlockKey key) {
    if (!index.inTier(key, HotMemory.TIER) && coldReads.wouldPromote(key)) {
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
    Passages.Passage passage = passages.open(command.ref());
    boolean begun = false;
    try {
      CompletionStage<WriteOutcome> outcome = write(command, passage);
      begun = true;
      return outcome.whenComplete((_, _) -> passage.close());
    } finally {
      if (!begun) {
        passage.close();
      }
    }
  }

  private CompletionStage<WriteOutcome> write(WriteCommand command, Passages.Passage passage) {
    long startNanos = clock.nanoTime();
    BlockView known = new BlockView();
    boolean found = index.find(command.key(), known);
    if (found && !known.expiredAt(clock.nanoTime())) {
      return present(command, startNanos);
    }
    // Filled before anything else happens elsewhere: the payload is the caller's again on return.
    return switch (fill(command)) {
      case Draft.Refused(WriteOutcome outcome) -> CompletableFuture.completedFuture(outcome);
      case Draft.Filled filled ->
          found
              ? replaceExpired(command, filled, passage, startNanos)
              : admit(command, filled, passage, startNanos);
    };
  }

  private CompletionStage<WriteOutcome> admit(
      WriteCommand command, Draft.Filled filled, Passages.Passage passage, long startNanos) {
    boolean held = goesDownAtOnce(command.ack());
    return switch (hot.admit(filled.header(), filled.lease(), held, passage)) {
      case NEW -> {
        counters.stored.increment();
        yield settle(command, false, startNanos);
      }
      // To its writer a block deleted as it came is one deleted right afterwards.
      case PRESENT, DELETED -> present(command, startNanos);
      case OVER_QUOTA -> {
        counters.writesRefused.increment();
        yield CompletableFuture.completedFuture(
            new WriteOutcome.Busy(
                "namespace.quota-percent",
                "the namespace has its "
                    + options.shares().quotaBytes()
                    + " bytes of DRAM, and none of its blocks there can go"));
      }
      case NO_INDEX_MEMORY -> {
        counters.writesRefused.increment();
        yield CompletableFuture.completedFuture(
            new WriteOutcome.Busy("index", "the system refuses memory for the index"));
      }
    };
  }

  /** Operations on blocks that are stored. */
  public BlockControl control() {
    return control;
  }

  public EngineCounters counters() {
    return counters;
  }

  public EngineStatus status() {
    return EngineStatus.of(memory, index, lower, behind, counters, demoter);
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
    behind.forEach(WriteBehind::close);
    lower.forEach(tier -> tier.tier.close());
    memory.close();
    index.close();
  }

  /** The old block must be gone from every tier first, which may block: on a storage thread. */
  private CompletionStage<WriteOutcome> replaceExpired(
      WriteCommand command, Draft.Filled filled, Passages.Passage passage, long startNanos) {
    CompletableFuture<WriteOutcome> outcome = new CompletableFuture<>();
    boolean runs =
        storage.tryExecute(() -> {
          drop(command.ref(), Departure.EXPIRED);
          admit(command, filled, passage, startNanos).thenAccept(outcome::complete);
        });
    if (!runs) {
      filled.lease().close();
      counters.writesRefused.increment();
      outcome.complete(new WriteOutcome.Busy("storage.queue", "the storage queue is full"));
    }
    return outcome;
  }

  private sealed interface Draft {
    record Filled(BlockHeader header, Lease lease) implements Draft {}

    record Refused(WriteOutcome outcome) implements Draft {}
  }

  /** Memory, copy, checksum: what makes a command a block. */
  private Draft fill(WriteCommand command) {
    int payloadLength = command.payload().length();
    long bytes = (long) payloadLength + command.attributes().length;
    Lease lease = hot.allocate(bytes);
    if (lease == null) {
      counters.writesRefused.increment();
      index.rememberDropped(command.key());
      return new Draft.Refused(
          new WriteOutcome.Busy(
              "dram.bytes",
              "no memory for a block of "
                  + bytes
                  + " bytes: it is too large, or everything is being read or written behind"));
    }
    boolean kept = false;
    try {
      MemorySegment payload = lease.segment().asSlice(0, payloadLength);
      command.payload().copyTo(payload);
      int crc = Crc32c.of(payload);
      if (command.claimedCrc32c().isPresent() && command.claimedCrc32c().getAsInt() != crc) {
        return new Draft.Refused(
            new WriteOutcome.ChecksumMismatch(command.claimedCrc32c().getAsInt(), crc));
      }
      MemorySegment attributes =
          lease.segment().asSlice(payloadLength, command.attributes().length);
      attributes.copyFrom(MemorySegment.ofArray(command.attributes()));
      kept = true;
      return new Draft.Filled(header(command, crc, Crc32c.of(attributes)), lease);
    } finally {
      if (!kept) {
        lease.close();
      }
    }
  }

  private BlockHeader header(WriteCommand command, int payloadCrc, int attributesCrc) {
    long now = writeClock.stampMillis();
    return new BlockHeader(
        command.key(),
        command.namespace(),
        command.label(),
        command.parentLabel(),
        index.depthUnder(command.namespace(), command.parentLabel()),
        command.tokenCount(),
        command.attributes().length,
        command.payload().length(),
        attributesCrc,
        payloadCrc,
        now,
        command.ttlMillis() == 0 ? BlockHeader.NEVER_EXPIRES : now + command.ttlMillis(),
        command.priority(),
        command.elementType());
  }

  private CompletionStage<WriteOutcome> present(WriteCommand command, long startNanos) {
    counters.alreadyPresent.increment();
    return settle(command, true, startNanos);
  }

  /**
   * The block is in some tier; sends it on to those that lack it, and answers once the level asked
   * for is reached or its wait is over.
   */
  private CompletionStage<WriteOutcome> settle(
      WriteCommand command, boolean alreadyPresent, long startNanos) {
    BlockKey key = command.key();
    List<WriteBehind.Ticket> tickets = new ArrayList<>();
    CompletableFuture<?> awaited = CompletableFuture.completedFuture(null);
    for (int i = 0; i < lower.size(); i++) {
      LowerTier tier = lower.get(i);
      if (!goesDownAtOnce(command.ack(), i) || index.inTier(key, tier.ordinal)) {
        continue;
      }
      Passages.Passage passage = passages.open(command.ref());
      StoredBlock block = hot.get(command.ref());
      if (block == null) {
        passage.close();
        continue;
      }
      boolean waits = command.ack().compareTo(tier.level) >= 0 || needs(command.ack(), i);
      WriteBehind.Ticket ticket = behind.get(i).offer(block, passage, waits);
      tickets.add(ticket);
      // The push-back: every writer waits for its place in the queue, those that asked for this
      // tier's level also for the put.
      CompletableFuture<?> part = waits ? ticket.done() : ticket.accepted();
      awaited = CompletableFuture.allOf(awaited, part);
    }
    if (tickets.isEmpty()) {
      index.unhold(key, HotMemory.TIER);
      return CompletableFuture.completedFuture(stored(key, alreadyPresent, startNanos));
    }
    CompletableFuture.allOf(
            tickets.stream().map(WriteBehind.Ticket::done).toArray(CompletableFuture[]::new))
        .thenRun(() -> index.unhold(key, HotMemory.TIER));
    if (awaited.isDone()) {
      return CompletableFuture.completedFuture(stored(key, alreadyPresent, startNanos));
    }
    CompletableFuture<WriteOutcome> outcome = new CompletableFuture<>();
    Runnable answer = () -> outcome.complete(stored(key, alreadyPresent, startNanos));
    Scheduler.Timer timer = scheduler.after(options.ackWaitMillis(), answer);
    awaited.thenRun(() -> {
      timer.cancel();
      answer.run();
    });
    return outcome;
  }

  private boolean goesDownAtOnce(AckLevel asked) {
    for (int i = 0; i < lower.size(); i++) {
      if (goesDownAtOnce(asked, i)) {
        return true;
      }
    }
    return false;
  }

  /** True for a tier that takes blocks as they are stored, and for the one that the ack needs. */
  private boolean goesDownAtOnce(AckLevel asked, int tier) {
    return lower.get(tier).admission == Admission.WRITE || needs(asked, tier);
  }

  /** True when the tier is the first that gives the asked level or more. */
  private boolean needs(AckLevel asked, int tier) {
    if (asked == AckLevel.MEMORY || lower.get(tier).level.compareTo(asked) < 0) {
      return false;
    }
    return tier == 0 || lower.get(tier - 1).level.compareTo(asked) < 0;
  }

  private WriteOutcome stored(BlockKey key, boolean alreadyPresent, long startNanos) {
    AckLevel reached = AckLevel.MEMORY;
    BlockView known = new BlockView();
    if (index.find(key, known)) {
      for (LowerTier tier : lower) {
        if (known.inTier(tier.ordinal) && tier.level.compareTo(reached) > 0) {
          reached = tier.level;
        }
      }
    }
    return new WriteOutcome.Stored(reached, alreadyPresent, clock.nanoTime() - startNanos);
  }

  private CompletionStage<ReadOutcome> missed(ReadOutcome.Reason reason, long startNanos) {
    counters.readMisses.increment();
    return CompletableFuture.completedFuture(
        new ReadOutcome.Miss(reason, clock.nanoTime() - startNanos));
  }

  private void sweepExpired() {
    for (BlockRef block : index.expired(SWEEP_BLOCKS)) {
      drop(block, Departure.EXPIRED);
      counters.expired.increment();
    }
  }

  private void drop(BlockRef block, Departure reason) {
    hot.drop(block, reason);
    for (LowerTier tier : lower) {
      tier.drop(block, reason);
    }
  }
}
