package io.kveik.server.cache;

import io.kveik.server.block.BlockHeader;
import io.kveik.server.block.BlockKey;
import io.kveik.server.block.BlockRef;
import io.kveik.server.block.Fingerprint;
import io.kveik.server.block.TtlKind;
import io.kveik.server.cache.ControlOutcome.ControlTally;
import io.kveik.server.cache.KeptSetting.Value;
import io.kveik.server.cache.SelectionChange.Step;
import io.kveik.server.cache.eviction.PolicyKind;
import io.kveik.server.runtime.Clock;
import io.kveik.server.runtime.Scheduler;
import io.kveik.server.runtime.Workers;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.Function;

/**
 * Operations on blocks that are stored: one by one, by prefix or for a whole namespace. None counts
 * as use of a block.
 *
 * <p>Any thread may ask and none is blocked: operations run on threads of their own, a bounded
 * number at a time, in slices between which they look whether the caller still waits ({@code stop},
 * which any thread may ask). Stages complete on those threads, or on the caller's for what is
 * refused at once; exceptionally where disk fails a {@link Journal}.
 */
public final class BlockControl implements AutoCloseable {
  /** Removals that a tier is asked for at a time. */
  private static final int SETTLE_BLOCKS = 1_000;

  private final Deletion.Parts parts;
  private final BlockSettings settings;
  private final ColdReads coldReads;
  private final KeptSettings kept;
  private final SettingsUpkeep upkeep;
  private final ControlOptions options;
  private final EngineCounters counters;
  private final BlockQuery query;
  private final Clock clock;
  private final PolicyAssignments assignments;
  private final Workers workers;
  private final AtomicBoolean settling = new AtomicBoolean();
  private volatile boolean closing;
  private final List<Consumer<BlockKey>> deletionListeners = new CopyOnWriteArrayList<>();

  BlockControl(
      Deletion.Parts parts,
      BlockSettings settings,
      ColdReads coldReads,
      ControlOptions options,
      EngineCounters counters,
      Scheduler scheduler,
      Clock clock) {
    this.parts = parts;
    this.settings = settings;
    this.coldReads = coldReads;
    this.options = options;
    this.counters = counters;
    this.clock = clock;
    this.kept = parts.kept();
    this.upkeep =
        new SettingsUpkeep(
            kept, settings, parts.census(), parts.lower(), coldReads, options, () -> closing);
    this.query = new BlockQuery(parts.hot(), parts.lower(), clock);
    this.assignments = new PolicyAssignments(settings, options.namespacePolicies());
    this.workers = new Workers("control", options.threads(), options.queue());
    scheduler.every(options.settleMillis(), this::settleSoon);
  }

  /**
   * Has a listener told of each block that is deleted, before the deletion is answered. It must not
   * block.
   */
  public void onDeleted(Consumer<BlockKey> listener) {
    deletionListeners.add(listener);
  }

  /**
   * Deletes blocks from every tier: once this is done they are unreadable, and stay so after a
   * restart. Leases that readers have stay good. The same block may be stored again afterwards.
   */
  public CompletionStage<ControlOutcome> delete(
      Fingerprint namespace, Selector selector, BooleanSupplier stop) {
    Consumer<BlockKey> listeners =
        key -> deletionListeners.forEach(listener -> listener.accept(key));
    return submit(
        counters.deleted,
        () -> new Deletion(parts, listeners, namespace, resolved(namespace, selector), stop).run());
  }

  /**
   * Sets how often eviction passes over blocks, in all tiers. Holds until they leave the last tier,
   * also over restarts; of a whole namespace, for all blocks written before the call began.
   *
   * @param priority 0 to {@link io.kveik.server.block.BlockHeader#MAX_PRIORITY}
   */
  public CompletionStage<ControlOutcome> setPriority(
      Fingerprint namespace, Selector selector, int priority, BooleanSupplier stop) {
    return change(
        counters.prioritised,
        namespace,
        selector,
        stop,
        new Value.Priority(priority),
        block -> Step.of(settings.setPriority(block, priority)));
  }

  /**
   * Gives blocks another time to live in place of what they have. Holds like a priority; a life by
   * use counts anew from a restart.
   *
   * @param ttlMillis 0: they stay until they are evicted
   */
  public CompletionStage<ControlOutcome> setTtl(
      Fingerprint namespace,
      Selector selector,
      TtlKind kind,
      long ttlMillis,
      BooleanSupplier stop) {
    boolean ends = kind == TtlKind.ABSOLUTE && ttlMillis > 0;
    return change(
        counters.ttlsSet,
        namespace,
        selector,
        stop,
        new Value.Ttl(
            kind, ttlMillis, ends ? clock.wallMillis() + ttlMillis : BlockHeader.NEVER_EXPIRES),
        block -> Step.of(settings.setTtl(block, kind, ttlMillis)));
  }

  /**
   * Has namespaces use the eviction policies that a log has, and that record what is set from now
   * on. Once, before tiers are listed.
   *
   * @throws OutOfMemoryError when the system refuses memory for the policies
   */
  public void keepPoliciesIn(NamespacePolicyLog log) {
    assignments.keepIn(log);
  }

  /**
   * Has namespaces use eviction policies by configuration, where none was set for them. Before
   * tiers are listed.
   *
   * @throws OutOfMemoryError when the system refuses memory for the policies
   */
  public void configurePolicies(Map<Fingerprint, PolicyKind> policies) {
    assignments.configure(policies);
  }

  /**
   * Gives a namespace an eviction policy of its own, for the blocks it has and those it gets, in
   * all tiers that have a policy. Kept over a restart where there is a log for it.
   *
   * @param kind empty: that of the configuration
   * @return blocks whose policy changed
   */
  public CompletionStage<ControlOutcome> setEvictionPolicy(
      Fingerprint namespace, Optional<PolicyKind> kind, BooleanSupplier stop) {
    return submit(
        counters.policiesChanged,
        () -> {
          if (!assignments.assign(namespace, kind)) {
            return new ControlOutcome.Refused(
                "limits.namespace-policies",
                options.namespacePolicies() + " namespaces have a policy of their own",
                ControlTally.NONE);
          }
          return new SelectionChange(
                  walk(namespace, new Selector.Everything(), SelectionWalk.BEGINNING), stop)
              .run(
                  new SelectionChange.Unrecorded(
                      block -> Step.of(settings.followPolicy(block.ref()))));
        });
  }

  /**
   * Keeps blocks that are in DRAM there, softly: see {@link Pins}. Those that are not are left as
   * they are; {@link #prefetch} brings them. After a restart they are brought to DRAM again.
   */
  public CompletionStage<ControlOutcome> pin(
      Fingerprint namespace, Selector selector, BooleanSupplier stop) {
    return change(
        counters.pinned,
        namespace,
        selector,
        stop,
        new Value.Pinned(true),
        block ->
            switch (settings.pin(block, options.pinnedBytes(), options.pinnedBlocks())) {
              case PINNED -> Step.CHANGED;
              case UNCHANGED -> Step.LEFT;
              case OVER_BYTES ->
                  new Step.Refused(
                      "limits.pinned-percent",
                      "a namespace may pin " + options.pinnedBytes() + " bytes");
              case OVER_COUNT ->
                  new Step.Refused(
                      "limits.pinned-blocks",
                      options.pinnedBlocks() + " blocks are pinned, of all namespaces together");
            });
  }

  public CompletionStage<ControlOutcome> unpin(
      Fingerprint namespace, Selector selector, BooleanSupplier stop) {
    return change(
        counters.unpinned,
        namespace,
        selector,
        stop,
        new Value.Pinned(false),
        block -> {
          // In this order: whoever restores pins looks whether it is still kept once it has pinned.
          boolean wasKept = kept.forgetPin(block);
          return Step.of(settings.unpin(block) || wasKept);
        });
  }

  /** Brings blocks to DRAM, a few at a time and at most a share of it; see {@link Prefetch}. */
  public CompletionStage<ControlOutcome> prefetch(
      Fingerprint namespace, Selector selector, BooleanSupplier stop) {
    return submit(
        counters.prefetched,
        () ->
            new Prefetch(
                    coldReads,
                    walk(namespace, selector, SelectionWalk.BEGINNING),
                    stop,
                    options.prefetchAhead(),
                    options.prefetchBytes())
                .run());
  }

  /**
   * Describes blocks, a page at a time. Blocks that come or go between pages may be missed or told;
   * one that stays is told exactly once.
   *
   * @param from 0 for the first page, else what the page before answered
   * @param most blocks in the page, at least 1
   */
  public CompletionStage<QueryOutcome> query(
      Fingerprint namespace, Selector selector, long from, int most, BooleanSupplier stop) {
    return submit(
        () -> {
          QueryOutcome.Page page = query.page(walk(namespace, selector, from), most, stop);
          counters.queried.add(page.blocks().size());
          return page;
        },
        refused -> new QueryOutcome.Refused(refused.limit(), refused.detail()));
  }

  /** Settings that are kept over restarts. */
  public int keptSettings() {
    return kept.count();
  }

  /** Removals that tiers owe. */
  public int owedRemovals() {
    return parts.owed().count();
  }

  public int pinnedBlocks() {
    return settings.pinnedBlocks();
  }

  public long pinnedBytes() {
    return settings.pinnedBytes();
  }

  /** Ends what runs within the time that {@link Workers} gives it. */
  @Override
  public void close() {
    closing = true;
    workers.close();
    parts.owed().close();
    kept.close();
  }

  private CompletionStage<ControlOutcome> change(
      LongAdder changedBlocks,
      Fingerprint namespace,
      Selector selector,
      BooleanSupplier stop,
      Value value,
      Function<BlockRef, Step> change) {
    return submit(
        changedBlocks,
        () ->
            new SelectionChange(walk(namespace, selector, SelectionWalk.BEGINNING), stop)
                .run(new KeptChange(kept, parts.writeClock(), namespace, selector, value, change)));
  }

  private SelectionWalk walk(Fingerprint namespace, Selector selector, long from) {
    return new SelectionWalk(parts.census(), namespace, resolved(namespace, selector), from);
  }

  private Selector resolved(Fingerprint namespace, Selector selector) {
    return SelectionWalk.resolve(parts.census(), namespace, selector);
  }

  private interface Operation<T> {
    T run() throws IOException;
  }

  private CompletionStage<ControlOutcome> submit(
      LongAdder changedBlocks, Operation<ControlOutcome> operation) {
    return submit(
        () -> {
          ControlOutcome outcome = operation.run();
          changedBlocks.add(outcome.tally().changed());
          if (outcome instanceof ControlOutcome.Refused) {
            counters.controlRefused.increment();
          }
          return outcome;
        },
        Function.identity());
  }

  private <T> CompletionStage<T> submit(
      Operation<T> operation, Function<? super ControlOutcome.Refused, ? extends T> refusal) {
    CompletableFuture<T> outcome = new CompletableFuture<>();
    boolean runs =
        workers.tryExecute(() -> {
          try {
            outcome.complete(operation.run());
          } catch (IOException | RuntimeException | OutOfMemoryError e) {
            outcome.completeExceptionally(e);
          }
        });
    if (!runs) {
      counters.controlRefused.increment();
      outcome.complete(
          refusal.apply(
              new ControlOutcome.Refused(
                  "control.queue",
                  options.queue() + " operations are waiting",
                  ControlTally.NONE)));
    }
    return outcome;
  }

  private void settleSoon() {
    if ((parts.owed().count() > 0 || upkeep.due())
        && settling.compareAndSet(false, true)
        && !workers.tryExecute(this::settle)) {
      settling.set(false);
    }
  }

  private void settle() {
    try {
      for (LowerTier tier : parts.lower()) {
        parts.owed().settle(tier.settle(SETTLE_BLOCKS));
      }
      upkeep.run();
    } catch (IOException e) {
      // They are found done once more after a restart, or are tried again.
      counters.journalFailures.increment();
    } finally {
      settling.set(false);
    }
  }
}
