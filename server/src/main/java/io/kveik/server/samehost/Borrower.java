package io.kveik.server.samehost;

import io.kveik.server.block.BlockKey;
import io.kveik.server.runtime.Clock;
import io.kveik.server.tier.StoredBlock;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * One connection's leases. They end when the client gives them back, when their time is over, or
 * when the connection ends, which the system sees to when a client is killed.
 *
 * <p>Lending and closing are for the connection's thread; the sweep may come from any.
 */
public final class Borrower {
  /** Between the end that a client knows of and the end of the pin. */
  static final long GRACE_MILLIS = 1_000;

  private static final long NANOS_PER_MILLI = 1_000_000;

  private record Held(SharedBlock block, long endNanos) {}

  private final TenantMemory memory;
  private final SameHostOptions options;
  private final SameHostCounters counters;
  private final Clock clock;
  private final Runnable leave;

  // Guarded by this; all leases live equally long, so they are in order of their end.
  private final Map<Long, Held> held = new LinkedHashMap<>();
  private long nextLeaseId = 1;
  private boolean ended;
  private boolean left;

  Borrower(
      TenantMemory memory,
      SameHostOptions options,
      SameHostCounters counters,
      Clock clock,
      Runnable leave) {
    this.memory = memory;
    this.options = options;
    this.counters = counters;
    this.clock = clock;
    this.leave = leave;
  }

  /**
   * Lends a block that is in shared memory already. The caller has seen that the store still has
   * it.
   *
   * @return empty when it is not, or the connection has all the leases it may have
   */
  public Optional<LentBlock> lend(BlockKey key) {
    if (!mayLend()) {
      return Optional.empty();
    }
    SharedBlock block = memory.pin(key);
    if (block == null) {
      return Optional.empty();
    }
    counters.lentInPlace.increment();
    return Optional.of(lease(block));
  }

  /**
   * Copies a block to shared memory and lends it; the caller closes the original.
   *
   * @return empty when there is no room, or the connection has all the leases it may have
   */
  public Optional<LentBlock> lendCopyOf(StoredBlock stored) {
    if (!mayLend()) {
      return Optional.empty();
    }
    SharedBlock block = memory.copyIn(stored);
    if (block == null) {
      counters.noRoom.increment();
      return Optional.empty();
    }
    counters.lentCopied.increment();
    return Optional.of(lease(block));
  }

  /** The store no longer has that block. */
  public void forget(BlockKey key) {
    memory.drop(key);
  }

  /** Ends a lease; no effect when it has ended. */
  public synchronized void giveBack(long leaseId) {
    Held lease = held.remove(leaseId);
    if (lease != null) {
      unpin(lease);
    }
  }

  public synchronized int leases() {
    return held.size();
  }

  /** Ends the leases whose time is over, with some grace for the client's clock. */
  void endOverdue() {
    endOverdueLeases();
    leaveIfDone();
  }

  private synchronized void endOverdueLeases() {
    long now = clock.nanoTime();
    List<Long> overdue = new ArrayList<>();
    for (Map.Entry<Long, Held> lease : held.entrySet()) {
      if (now - lease.getValue().endNanos() < GRACE_MILLIS * NANOS_PER_MILLI) {
        break;
      }
      overdue.add(lease.getKey());
    }
    for (Long leaseId : overdue) {
      counters.revoked.increment();
      giveBack(leaseId);
    }
  }

  /**
   * The connection is over.
   *
   * @param clientGone true when it was the client that ended it: then it reads nothing any more.
   *     Otherwise it may not know yet, and its leases end when their time is over
   */
  public void end(boolean clientGone) {
    synchronized (this) {
      ended = true;
      if (clientGone) {
        held.values().forEach(this::unpin);
        held.clear();
      }
    }
    leaveIfDone();
  }

  /** Once the connection is over and nothing is leased. */
  private void leaveIfDone() {
    synchronized (this) {
      if (!ended || left || !held.isEmpty()) {
        return;
      }
      left = true;
    }
    leave.run();
  }

  private synchronized boolean mayLend() {
    if (held.size() < options.leasesPerConnection()) {
      return true;
    }
    counters.tooManyLeases.increment();
    return false;
  }

  private synchronized LentBlock lease(SharedBlock block) {
    long leaseId = nextLeaseId++;
    long endNanos = clock.nanoTime() + options.leaseMillis() * NANOS_PER_MILLI;
    held.put(leaseId, new Held(block, endNanos));
    counters.live.increment();
    return new LentBlock(
        leaseId,
        block.segment.id(),
        block.segment.path(),
        block.segment.capacityBytes(),
        block.offset(),
        block.generation,
        block.header,
        options.leaseMillis());
  }

  private void unpin(Held lease) {
    counters.live.decrement();
    memory.unpin(lease.block());
  }
}
