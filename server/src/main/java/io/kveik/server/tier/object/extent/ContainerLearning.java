package io.kveik.server.tier.object.extent;

import io.kveik.server.runtime.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;

/**
 * How a server comes to know the extents of a container, and goes on knowing them: all of it is
 * listed once and every hour or so; in between only the prefixes of what is new.
 *
 * <p>Any thread, one listing at a time. Questions never wait; what blocks on the store says so.
 */
final class ContainerLearning {
  /**
   * An extent may appear in the listing of a period so long after its end, and before its begin, as
   * clocks differ.
   */
  static final long SKEW_MILLIS = 60_000;

  /** What is new is listed by its periods; when that would be more of them, all is. */
  private static final int MOST_PERIODS = 24;

  private static final long NANOS_PER_MILLI = 1_000_000;

  private final ExtentBlobs blobs;
  private final ExtentDirectory directory;
  private final LineageTops tops;
  private final ParallelReads tables;
  private final ExtentOptions options;
  private final ExtentCounters counters;
  private final Clock clock;
  private final Runnable onAllListed;
  private final ReentrantLock turn = new ReentrantLock();
  private final long begunNanos;
  private volatile boolean learned;

  /** What the directory had refused when the last listing of all that was complete began. */
  private volatile long refusalsBefore;

  /** Listings that have begun. */
  private final AtomicLong listings = new AtomicLong();

  /** Guarded by {@link #turn}, like the next: when all is to be listed again. */
  private long relistAtNanos;

  /** The last listing that was complete, by its number. */
  private long completeListing;

  /** Wall clock when that began. */
  private long listedAtMillis;

  /**
   * @param onAllListed called after each listing of all that was complete, in its turn
   */
  ContainerLearning(
      ExtentBlobs blobs,
      ExtentDirectory directory,
      LineageTops tops,
      ParallelReads tables,
      ExtentOptions options,
      ExtentCounters counters,
      Clock clock,
      Runnable onAllListed) {
    this.blobs = blobs;
    this.directory = directory;
    this.tops = tops;
    this.tables = tables;
    this.options = options;
    this.counters = counters;
    this.clock = clock;
    this.onAllListed = onAllListed;
    this.begunNanos = clock.nanoTime();
    this.relistAtNanos = begunNanos;
  }

  /** True once all extents have been seen: a block that is in none then is new or in no extent. */
  boolean learned() {
    return learned;
  }

  /**
   * True while the directory may lack extents that are in the store, for want of room or because it
   * is closed.
   */
  boolean partial() {
    return directory.refusals() != refusalsBefore || directory.closed();
  }

  /**
   * Waits until all is learned, but only in the first moments after the container was named: a long
   * listing is not waited for by everybody. Blocks.
   */
  boolean awaitAtFirst(long millis) {
    long leftNanos = begunNanos + millis * NANOS_PER_MILLI - clock.nanoTime();
    return learned || (leftNanos > 0 && await(leftNanos / NANOS_PER_MILLI));
  }

  /** Waits until all is learned. Blocks, for little more than the time given. */
  boolean await(long millis) {
    if (learned) {
      return true;
    }
    long deadline = clock.nanoTime() + millis * NANOS_PER_MILLI;
    try {
      if (!turn.tryLock(millis, TimeUnit.MILLISECONDS)) {
        return learned;
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return learned;
    }
    try {
      return learned || listAll(() -> clock.nanoTime() - deadline > 0, _ -> {});
    } finally {
      turn.unlock();
    }
  }

  /** Learns what is new, or all where that is due. Blocks. */
  boolean refresh(BooleanSupplier stop) {
    turn.lock();
    try {
      boolean all = !learned || clock.nanoTime() - relistAtNanos >= 0;
      return all ? listAll(stop, _ -> {}) : listNew(stop);
    } finally {
      turn.unlock();
    }
  }

  /**
   * Learns what anybody has stored up to now. A listing that another caller began meanwhile will
   * do. Blocks.
   *
   * @param onBeyond told the extents that there is no room to know
   * @return false when that could not be learned
   */
  boolean catchUp(Consumer<Extent> onBeyond) {
    long begun = listings.get();
    turn.lock();
    try {
      if (!partial() && completeListing <= begun && !listNew(() -> false)) {
        return false;
      }
      // What is new may be what there is no room for.
      return !partial() || listAll(() -> false, onBeyond);
    } finally {
      turn.unlock();
    }
  }

  private boolean listAll(BooleanSupplier stop, Consumer<Extent> onBeyond) {
    long refusals = directory.refusals();
    Set<Long> before = directory.lineages();
    ListingPass pass = pass(stop, onBeyond);
    if (!list(pass, List.of(ExtentName.ROOT))) {
      return false;
    }
    before.removeAll(pass.lineages());
    before.forEach(directory::drop);
    refusalsBefore = refusals;
    learned = true;
    relistAtNanos = clock.nanoTime() + options.relistMillis() * NANOS_PER_MILLI;
    onAllListed.run();
    return true;
  }

  /** Lists what has been stored since the last listing that was complete. */
  private boolean listNew(BooleanSupplier stop) {
    long now = clock.wallMillis();
    long since = Math.min(listedAtMillis, now) - options.calls().writeMillis() - SKEW_MILLIS;
    int from = ExtentName.periodOf(since);
    int to = ExtentName.periodOf(now + SKEW_MILLIS);
    if (to - from >= MOST_PERIODS) {
      return listAll(stop, _ -> {});
    }
    List<String> prefixes = new ArrayList<>();
    for (int period = from; period <= to; period++) {
      prefixes.add(ExtentName.prefixOf(period));
    }
    return list(pass(stop, _ -> {}), prefixes);
  }

  private ListingPass pass(BooleanSupplier stop, Consumer<Extent> onBeyond) {
    return new ListingPass(blobs, directory, tops, tables, counters, stop, onBeyond);
  }

  private boolean list(ListingPass pass, List<String> prefixes) {
    long listing = listings.incrementAndGet();
    long begunAtMillis = clock.wallMillis();
    boolean complete = pass.through(prefixes);
    if (complete) {
      completeListing = listing;
      listedAtMillis = begunAtMillis;
    } else {
      counters.learnFailures.increment();
    }
    return complete;
  }
}
