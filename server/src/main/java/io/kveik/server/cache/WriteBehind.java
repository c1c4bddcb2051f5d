package io.kveik.server.cache;

import io.kveik.server.block.BlockKey;
import io.kveik.server.block.Fingerprint;
import io.kveik.server.runtime.Scheduler;
import io.kveik.server.runtime.Workers;
import io.kveik.server.tier.PutOutcome;
import io.kveik.server.tier.StoredBlock;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/**
 * The bounded queue between DRAM and one tier below it.
 *
 * <p>A block offered while there is room is accepted at once. Without room the offer waits (that is
 * the push-back a writer feels) and is dropped with a counter when the wait is over. An accepted
 * block is written whatever happens to its writer; {@link #close} writes what is queued.
 *
 * <p>Blocks whose writers wait for the tier are put at once; the others go at the tier's {@link
 * BackgroundPace}, oldest first, by threads that stand back where others want a processor.
 *
 * <p>For a tier that stores several small blocks in one go they are put together, see {@link
 * Gathering}; a writer that waits for the tier waits for that, too.
 *
 * <p>Any thread may offer; blocks are put by the tier's own writer threads.
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

  private final LowerTier tier;
  private final Scheduler scheduler;

  /** For what somebody waits for. */
  private final Workers writers;

  private final Workers pacedWriters;
  private final int writerCount;
  private final int limitBlocks;
  private final long limitBytes;
  private final long waitMillis;
  private final LongAdder dropped = new LongAdder();

  private final Object lock = new Object();

  /** No room for them yet. */
  private final ArrayDeque<PendingWrite> waiting = new ArrayDeque<>();

  private final Map<BlockKey, PendingWrite> accepted = new HashMap<>();
  private long acceptedBytes;

  /** Of those accepted, what waits for more to be put with. */
  private final Gathering gathering;

  /** Those accepted that go at the tier's pace and have not gone yet. */
  private final ArrayDeque<Parcel> paced = new ArrayDeque<>();

  private int pacedInProgress;
  private boolean timerSet;
  private boolean closed;

  WriteBehind(LowerTier tier, EngineOptions options, Scheduler scheduler) {
    this.tier = tier;
    this.scheduler = scheduler;
    this.writerCount = options.writers();
    this.limitBlocks = options.queueBlocks();
    this.limitBytes = options.queueBytes();
    this.waitMillis = options.queueWaitMillis();
    this.writers =
        new Workers("behind-" + tier.tier.name(), options.writers(), options.queueBlocks());
    this.gathering = new Gathering(tier.batching(), scheduler, this::due);
    this.pacedWriters =
        Workers.inBackground("paced-" + tier.tier.name(), options.writers(), options.queueBlocks());
    tier.pace.onQuiet(this::startPaced);
  }

  /**
   * Offers a block.
   *
   * @param block closed here, whatever the outcome
   * @param passage opened before the block was got hold of; closed here
   * @param awaited true when somebody waits until it is written: it goes before all that is queued
   */
  Ticket offer(StoredBlock block, Passages.Passage passage, boolean awaited) {
    PendingWrite pending = new PendingWrite(block, passage, awaited);
    synchronized (lock) {
      PendingWrite already = twinOf(pending);
      if (already != null) {
        pending.end();
        if (awaited) {
          hurry(already);
        }
        return already.ticket;
      }
      if (!closed && tier.health.admits()) {
        if (waiting.isEmpty() && fits(pending.bytes())) {
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

  /**
   * Offers a block that nobody waits for and that must not wait for room either.
   *
   * @param block closed here, whatever the outcome
   * @param passage opened before the block was got hold of; closed here
   * @return null when it was not accepted; that is not counted
   */
  @Nullable Ticket offerNow(StoredBlock block, Passages.Passage passage) {
    PendingWrite pending = new PendingWrite(block, passage, false);
    synchronized (lock) {
      PendingWrite already = twinOf(pending);
      if (already == null
          && !closed
          && waiting.isEmpty()
          && fits(pending.bytes())
          && tier.health.admits()) {
        accept(pending);
        pending.ticket.accepted.complete(true);
        return pending.ticket;
      }
      pending.end();
      return already == null ? null : already.ticket;
    }
  }

  /** True when a block of this length would be accepted at once. */
  boolean hasRoom(long bytes) {
    synchronized (lock) {
      return waiting.isEmpty() && fits(bytes);
    }
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

  /** Counts a block that the tier should have had and that was not even offered. */
  void countDropped() {
    dropped.increment();
  }

  /** Drops what still waits for room, writes what was accepted, at full speed. */
  @Override
  public void close() {
    ArrayDeque<PendingWrite> late;
    synchronized (lock) {
      closed = true;
      late = new ArrayDeque<>(waiting);
      waiting.clear();
      paced.addAll(gathering.takeAll());
      paced.forEach(parcel -> writers.execute(() -> write(parcel)));
      paced.clear();
    }
    late.forEach(this::drop);
    pacedWriters.close();
    writers.close();
  }

  /** A block larger than the whole bound still goes when the queue is empty. */
  private boolean fits(long bytes) {
    return accepted.isEmpty()
        || (accepted.size() < limitBlocks && acceptedBytes + bytes <= limitBytes);
  }

  /** The same block, queued already and not deleted since. */
  private @Nullable PendingWrite twinOf(PendingWrite pending) {
    PendingWrite twin = accepted.get(pending.key());
    return twin == null || twin.passage.ended() ? null : twin;
  }

  private void accept(PendingWrite pending) {
    PendingWrite twin = twinOf(pending);
    if (twin != null) {
      pending.end();
      if (pending.awaited) {
        hurry(twin);
      }
      twin.ticket.done.thenAccept(pending.ticket.done::complete);
      return;
    }
    accepted.put(pending.key(), pending);
    acceptedBytes += pending.bytes();
    Parcel complete = gathering.add(pending);
    if (complete != null) {
      dispatch(complete);
    }
  }

  /** A namespace's blocks have waited long enough for more. */
  private void due(Fingerprint namespace) {
    synchronized (lock) {
      Parcel parcel = gathering.take(namespace);
      if (parcel != null) {
        dispatch(parcel);
      }
    }
  }

  private void dispatch(Parcel parcel) {
    if (parcel.awaited) {
      writers.execute(() -> write(parcel));
    } else {
      paced.add(parcel);
      startPaced();
    }
  }

  /** Somebody began to wait for a block in the queue. */
  private void hurry(PendingWrite pending) {
    Parcel parcel = Objects.requireNonNull(pending.parcel, "not accepted yet");
    if (!parcel.awaited) {
      parcel.awaited = true;
      if (paced.remove(parcel)) {
        writers.execute(() -> write(parcel));
      }
    }
  }

  /** Starts what may go now of what goes at the tier's pace. */
  private void startPaced() {
    synchronized (lock) {
      while (!paced.isEmpty() && pacedInProgress < writerCount) {
        long waitNanos = tier.pace.tryStart(paced.element().bytes(), pacedInProgress);
        if (waitNanos > 0) {
          if (waitNanos != Long.MAX_VALUE && !timerSet) {
            timerSet = true;
            scheduler.after(TimeUnit.NANOSECONDS.toMillis(waitNanos) + 1, this::paceTimer);
          }
          return;
        }
        Parcel next = paced.remove();
        next.paced = true;
        pacedInProgress++;
        pacedWriters.execute(() -> write(next));
      }
    }
  }

  private void paceTimer() {
    synchronized (lock) {
      timerSet = false;
      startPaced();
    }
  }

  private void write(Parcel parcel) {
    List<PendingWrite> written = parcel.blocks;
    List<PutOutcome> outcomes;
    try {
      outcomes = put(written);
    } catch (RuntimeException e) {
      outcomes = Collections.nCopies(written.size(), new PutOutcome.Failed(e.toString()));
      tier.health.failed();
    }
    written.forEach(PendingWrite::end);
    List<PendingWrite> admitted = new ArrayList<>();
    synchronized (lock) {
      for (PendingWrite one : written) {
        accepted.remove(one.key(), one);
        acceptedBytes -= one.bytes();
      }
      if (parcel.paced) {
        pacedInProgress--;
      }
      PendingWrite next;
      while ((next = waiting.peek()) != null && fits(next.bytes())) {
        waiting.remove();
        cancelTimer(next);
        accept(next);
        admitted.add(next);
      }
      startPaced();
    }
    // Completed outside the lock: what depends on them may offer again.
    for (int i = 0; i < written.size(); i++) {
      written.get(i).ticket.done.complete(outcomes.get(i));
    }
    admitted.forEach(next -> next.ticket.accepted.complete(true));
  }

  private List<PutOutcome> put(List<PendingWrite> blocks) {
    if (blocks.size() == 1) {
      return List.of(tier.put(blocks.getFirst().block, blocks.getFirst().passage));
    }
    return tier.putAll(
        blocks.stream().map(one -> one.block).toList(),
        blocks.stream().map(one -> one.passage).toList());
  }

  private void giveUp(PendingWrite pending) {
    synchronized (lock) {
      if (!waiting.remove(pending)) {
        return;
      }
    }
    drop(pending);
  }

  private void drop(PendingWrite pending) {
    cancelTimer(pending);
    dropped.increment();
    pending.end();
    pending.ticket.accepted.complete(false);
    pending.ticket.done.complete(null);
  }

  private static void cancelTimer(PendingWrite pending) {
    Scheduler.Timer timer = pending.timer;
    if (timer != null) {
      timer.cancel();
    }
  }
}
