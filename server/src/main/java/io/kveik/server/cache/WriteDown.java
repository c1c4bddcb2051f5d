package io.kveik.server.cache;

import io.kveik.server.block.AckLevel;
import io.kveik.server.block.BlockKey;
import io.kveik.server.runtime.Clock;
import io.kveik.server.runtime.Scheduler;
import io.kveik.server.tier.StoredBlock;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/**
 * Sends what was stored down to the tiers that take it as it is stored, and tells its writer the
 * ack level that was reached. Any thread, never blocks.
 */
final class WriteDown {
  private final BlockIndex index;
  private final HotMemory hot;
  private final List<LowerTier> lower;
  private final List<WriteBehind> behind;
  private final Passages passages;
  private final Scheduler scheduler;
  private final long ackWaitMillis;
  private final Clock clock;

  /**
   * @param ackWaitMillis most that a writer waits
   */
  WriteDown(
      BlockIndex index,
      HotMemory hot,
      LowerTiers lower,
      Passages passages,
      Scheduler scheduler,
      long ackWaitMillis,
      Clock clock) {
    this.index = index;
    this.hot = hot;
    this.lower = lower.tiers();
    this.behind = lower.queues();
    this.passages = passages;
    this.scheduler = scheduler;
    this.ackWaitMillis = ackWaitMillis;
    this.clock = clock;
  }

  /**
   * The block is in some tier; sends it on to those that lack it, and answers once the level asked
   * for is reached or its wait is over.
   */
  CompletionStage<WriteOutcome> settle(
      WriteCommand command, boolean alreadyPresent, long startNanos) {
    BlockKey key = command.key();
    List<WriteBehind.Ticket> tickets = new ArrayList<>();
    CompletableFuture<?> awaited = CompletableFuture.completedFuture(null);
    for (int i = 0; i < lower.size(); i++) {
      LowerTier tier = lower.get(i);
      if (!takesAtOnce(command.ack(), i) || index.finder().inTier(key, tier.ordinal)) {
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
    Scheduler.Timer timer = scheduler.after(ackWaitMillis, answer);
    awaited.thenRun(() -> {
      timer.cancel();
      answer.run();
    });
    return outcome;
  }

  /** True when any tier takes what is stored with such an ack as it is stored. */
  boolean takesAtOnce(AckLevel asked) {
    for (int i = 0; i < lower.size(); i++) {
      if (takesAtOnce(asked, i)) {
        return true;
      }
    }
    return false;
  }

  /** True for a tier that takes blocks as they are stored, and for the one that the ack needs. */
  private boolean takesAtOnce(AckLevel asked, int tier) {
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
    if (index.finder().find(key, known)) {
      for (LowerTier tier : lower) {
        if (known.inTier(tier.ordinal) && tier.level.compareTo(reached) > 0) {
          reached = tier.level;
        }
      }
    }
    return new WriteOutcome.Stored(reached, alreadyPresent, clock.nanoTime() - startNanos);
  }
}
