package io.kveik.server.cache;

import io.kveik.server.block.BlockKey;
import io.kveik.server.runtime.Scheduler;
import io.kveik.server.runtime.Workers;
import io.kveik.server.tier.PutOutcome;
import io.kveik.server.tier.StoredBlock;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/**
 * The bounded queue between DRAM and one tier below it.
 *
 * <p>A block offered while there is room is accepted at once. Without room the offer waits (that is
 * the push-back a writer feels) and is dropped with a counter when the wait is over. An accepted
 * block is written whatever happens to its writer; {@link #close} writes what is queued.
 *
 * <p>Any thread may offer; blocks are put by the tier's own writer threads, oldest first.
 */
final class WriteBehind implements AutoCloseable {
  /**
   * One block on its way down.
   *
   * @param accepted true once it is in the queue, false when it was dropped
   * @param done what became of it; null when it was dropped
   */
  record Ticket(
      CompletableFuture<Boolean> accepted, CompletableFuture<@Nullable PutOutcome> done) {}

  private static final class Pending {
    final StoredBlock block;
    final Ticket ticket =
        new Ticket(new CompletableFuture<>(), new CompletableFuture<@Nullable PutOutcome>());
    Scheduler.@Nullable Timer timer;

    Pending(StoredBlock block) {
      this.block = block;
    }

    long bytes() {
      return block.header().bodyLength();
    }
  }

  private final LowerTier tier;
  private final Scheduler scheduler;
  private final Workers writers;
  private final int limitBlocks;
  private final long limitBytes;
  private final long waitMillis;
  private final LongAdder dropped = new LongAdder();

  private final Object lock = new Object();
  private final ArrayDeque<Pending> waiting = new ArrayDeque<>();
  private final Map<BlockKey, Pending> accepted = new HashMap<>();
  private long acceptedBytes;
  private boolean closed;

  WriteBehind(LowerTier tier, EngineOptions options, Scheduler scheduler) {
    this.tier = tier;
    this.scheduler = scheduler;
    this.limitBlocks = options.queueBlocks();
    this.limitBytes = options.queueBytes();
    this.waitMillis = options.queueWaitMillis();
    this.writers =
        new Workers("behind-" + tier.tier.name(), options.writers(), options.queueBlocks());
  }

  /**
   * Offers a block.
   *
   * @param block closed here, whatever the outcome
   */
  Ticket offer(StoredBlock block) {
    Pending pending = new Pending(block);
    synchronized (lock) {
      Pending already = accepted.get(block.header().key());
      if (already != null) {
        block.close();
        return already.ticket;
      }
      if (!closed && tier.health.admits()) {
        if (waiting.isEmpty() && fits(pending)) {
          accept(pending);
          pending.ticket.accepted.complete(true);
          return pending.ticket;
        }
        waiting.add(pending);
        pending.timer = scheduler.after(waitMillis, () -> giveUp(pending));
        return pending.ticket;
      }
    }
    drop(pending);
    return pending.ticket;
  }

  int queuedBlocks() {
    synchronized (lock) {
      return accepted.size();
    }
  }

  long queuedBytes() {
    synchronized (lock) {
      return acceptedBytes;
    }
  }

  long droppedCount() {
    return dropped.sum();
  }

  /** Drops what still waits for room, writes what was accepted. */
  @Override
  public void close() {
    ArrayDeque<Pending> late;
    synchronized (lock) {
      closed = true;
      late = new ArrayDeque<>(waiting);
      waiting.clear();
    }
    late.forEach(this::drop);
    writers.close();
  }

  /** A block larger than the whole bound still goes when the queue is empty. */
  private boolean fits(Pending pending) {
    return accepted.isEmpty()
        || (accepted.size() < limitBlocks && acceptedBytes + pending.bytes() <= limitBytes);
  }

  private void accept(Pending pending) {
    Pending twin = accepted.putIfAbsent(pending.block.header().key(), pending);
    if (twin != null) {
      pending.block.close();
      twin.ticket.done.thenAccept(pending.ticket.done::complete);
      return;
    }
    acceptedBytes += pending.bytes();
    writers.execute(() -> write(pending));
  }

  private void write(Pending pending) {
    PutOutcome outcome;
    try {
      outcome = tier.put(pending.block);
    } catch (RuntimeException e) {
      outcome = new PutOutcome.Failed(e.toString());
      tier.health.failed();
    }
    pending.block.close();
    List<Pending> admitted = new ArrayList<>();
    synchronized (lock) {
      accepted.remove(pending.block.header().key());
      acceptedBytes -= pending.bytes();
      Pending next;
      while ((next = waiting.peek()) != null && fits(next)) {
        waiting.remove();
        cancelTimer(next);
        accept(next);
        admitted.add(next);
      }
    }
    // Completed outside the lock: what depends on them may offer again.
    pending.ticket.done.complete(outcome);
    admitted.forEach(next -> next.ticket.accepted.complete(true));
  }

  private void giveUp(Pending pending) {
    synchronized (lock) {
      if (!waiting.remove(pending)) {
        return;
      }
    }
    drop(pending);
  }

  private void drop(Pending pending) {
    cancelTimer(pending);
    dropped.increment();
    pending.block.close();
    pending.ticket.accepted.complete(false);
    pending.ticket.done.complete(null);
  }

  private static void cancelTimer(Pending pending) {
    Scheduler.Timer timer = pending.timer;
    if (timer != null) {
      timer.cancel();
    }
  }
}
