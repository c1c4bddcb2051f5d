package io.kveik.server.tier.object.extent;

import io.kveik.server.block.BlockKey;
import io.kveik.server.runtime.Clock;
import io.kveik.server.runtime.Pause;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;

/**
 * The extents of one container: what is known of them, how that is learned and kept up, how blocks
 * leave them.
 *
 * <p>All of the container is listed once and every hour or so; in between only the prefixes of what
 * is new. Questions never wait; what blocks on the store says so. Any thread.
 */
final class ContainerExtents {
  /**
   * An extent may appear in the listing of a period so long after its end, and before its begin, as
   * clocks differ.
   */
  private static final long SKEW_MILLIS = 60_000;

  /** What an ended lineage is remembered for: no call to the store that began before is left. */
  private static final int ENDED_PER_WRITE = 10;

  /** A lineage that is rewritten while it is learned is looked at again so many times. */
  private static final int RELOADS = 4;

  /** What is new is listed by its periods; when that would be more of them, all is. */
  private static final int MOST_PERIODS = 24;

  private static final long NANOS_PER_MILLI = 1_000_000;

  private final ExtentBlobs blobs;
  private final ExtentDirectory directory;
  private final LineageRewriter rewriter;
  private final ExtentOptions options;
  private final ExtentCounters counters;
  private final Clock clock;
  private final ReentrantLock learning = new ReentrantLock();
  private final long firstNamedNanos;
  private volatile long usedAtNanos;
  private volatile boolean learned;

  /** What the directory had refused when the last listing of all that was complete began. */
  private volatile long refusalsBefore;

  /** Listings that have begun. */
  private final AtomicLong listings = new AtomicLong();

  /** Guarded by {@link #learning}, like the next: when all is to be listed again. */
  private long relistAtNanos;

  /** The last listing that was complete, by its number. */
  private long completeListing;

  /** Wall clock when that began. */
  private long listedAtMillis;

  ContainerExtents(
      ExtentBlobs blobs,
      ExtentDirectory directory,
      LineageRewriter rewriter,
      ExtentOptions options,
      ExtentCounters counters,
      Clock clock) {
    this.blobs = blobs;
    this.directory = directory;
    this.rewriter = rewriter;
    this.options = options;
    this.counters = counters;
    this.clock = clock;
    this.firstNamedNanos = clock.nanoTime();
    this.usedAtNanos = firstNamedNanos;
    this.relistAtNanos = firstNamedNanos;
  }

  ExtentBlobs blobs() {
    return blobs;
  }

  ExtentDirectory directory() {
    return directory;
  }

  /** Puts off the time when it is forgotten. */
  void use() {
    usedAtNanos = clock.nanoTime();
  }

  boolean idle() {
    return clock.nanoTime() - usedAtNanos > options.idleMillis() * NANOS_PER_MILLI;
  }

  /** True once all extents have been seen: a block that is in none then is new or in no extent. */
  boolean learned() {
    return learned;
  }

  /**
   * Waits until all is learned, but only in the first moments after the container was named: a long
   * listing is not waited for by everybody. Blocks.
   */
  boolean awaitLearnedAtFirst(long millis) {
    long leftNanos = firstNamedNanos + millis * NANOS_PER_MILLI - clock.nanoTime();
    return learned || (leftNanos > 0 && awaitLearned(leftNanos / NANOS_PER_MILLI));
  }

  /** Waits until all is learned. Blocks, for little more than the time given. */
  boolean awaitLearned(long millis) {
    if (learned) {
      return true;
    }
    long deadline = clock.nanoTime() + millis * NANOS_PER_MILLI;
    try {
      if (!learning.tryLock(millis, TimeUnit.MILLISECONDS)) {
        return learned;
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return learned;
    }
    try {
      return learned || learnAll(() -> clock.nanoTime() - deadline > 0, _ -> {});
    } finally {
      learning.unlock();
    }
  }

  /** Learns what is new, or all where that is due. Blocks. */
  boolean refresh(BooleanSupplier stop) {
    learning.lock();
    try {
      boolean all = !learned || clock.nanoTime() - relistAtNanos >= 0;
      return all ? learnAll(stop, _ -> {}) : learnNew(stop);
    } finally {
      learning.unlock();
    }
  }

  /**
   * True while the directory may lack extents that are in the store, for want of room or because it
   * is closed.
   */
  boolean partial() {
    return directory.refusals() != refusalsBefore || directory.closed();
  }

  private boolean learnAll(BooleanSupplier stop, Consumer<Extent> beyond) {
    long refusals = directory.refusals();
    Set<Long> before = directory.lineages();
    Sweep sweep = new Sweep(stop, beyond);
    if (!list(sweep, List.of(ExtentName.ROOT))) {
      return false;
    }
    before.removeAll(sweep.lineages);
    before.forEach(directory::drop);
    refusalsBefore = refusals;
    learned = true;
    relistAtNanos = clock.nanoTime() + options.relistMillis() * NANOS_PER_MILLI;
    endLineages();
    return true;
  }

  /** Learns what has been stored since the last listing that was complete. */
  private boolean learnNew(BooleanSupplier stop) {
    long now = clock.wallMillis();
    long since = Math.min(listedAtMillis, now) - options.calls().writeMillis() - SKEW_MILLIS;
    int from = ExtentName.periodOf(since);
    int to = ExtentName.periodOf(now + SKEW_MILLIS);
    if (to - from >= MOST_PERIODS) {
      return learnAll(stop, _ -> {});
    }
    List<String> prefixes = new ArrayList<>();
    for (int period = from; period <= to; period++) {
      prefixes.add(ExtentName.prefixOf(period));
    }
    return list(new Sweep(stop, _ -> {}), prefixes);
  }

  private boolean list(Sweep sweep, List<String> prefixes) {
    long listing = listings.incrementAndGet();
    long begunAtMillis = clock.wallMillis();
    boolean complete = sweep.through(prefixes);
    if (complete) {
      completeListing = listing;
      listedAtMillis = begunAtMillis;
    } else {
      counters.learnFailures.increment();
    }
    return complete;
  }

  /** One pass over a listing. */
  private final class Sweep {
    private final BooleanSupplier stop;
    private final Consumer<Extent> onBeyond;
    final Set<Long> lineages = new HashSet<>();

    /** The lineage that the listing is at. */
    private final List<ExtentName> generations = new ArrayList<>();

    private boolean complete = true;

    /**
     * @param onBeyond told the extents that the directory has no room for
     */
    Sweep(BooleanSupplier stop, Consumer<Extent> onBeyond) {
      this.stop = stop;
      this.onBeyond = onBeyond;
    }

    boolean through(List<String> prefixes) {
      for (String prefix : prefixes) {
        complete &= blobs.list(prefix, this::visit);
        endLineage();
      }
      return complete;
    }

    private boolean visit(ExtentName name) {
      if (!generations.isEmpty() && generations.getLast().lineage() != name.lineage()) {
        endLineage();
      }
      generations.add(name);
      complete &= !stop.getAsBoolean();
      return complete;
    }

    private void endLineage() {
      if (generations.isEmpty()) {
        return;
      }
      ExtentName top = generations.getLast();
      lineages.add(top.lineage());
      Extent known = directory.ofLineage(top.lineage());
      boolean sound = (known != null && known.name().generation() >= top.generation()) || load(top);
      if (sound) {
        // What is left where a server ended before it could.
        generations.subList(0, generations.size() - 1).forEach(blobs::delete);
      }
      generations.clear();
    }

    private boolean load(ExtentName listed) {
      switch (loadTop(listed)) {
        case Loaded.Extents(Extent extent) -> {
          if (!directory.adopt(extent)) {
            counters.directoryRefused.increment();
            onBeyond.accept(extent);
          }
          return true;
        }
        case Loaded.Ended() -> {
          return true;
        }
        case Loaded.Failed() -> {
          complete = false;
          return false;
        }
      }
    }
  }

  /** What the highest generation of a lineage turned out to be. */
  private sealed interface Loaded {
    record Extents(Extent extent) implements Loaded {}

    /** It is there no more, or was damaged and has been put out of reach. */
    record Ended() implements Loaded {}

    record Failed() implements Loaded {}
  }

  private Loaded loadTop(ExtentName listed) {
    ExtentName top = listed;
    for (int i = 0; i < RELOADS; i++) {
      switch (blobs.table(top)) {
        case ExtentBlobs.Table.Loaded(Extent extent) -> {
          counters.learned.increment();
          return new Loaded.Extents(extent);
        }
        case ExtentBlobs.Table.Unsound() -> {
          return rewriter.rewrite(top, _ -> false) ? new Loaded.Ended() : new Loaded.Failed();
        }
        case ExtentBlobs.Table.Failed() -> {
          return new Loaded.Failed();
        }
        case ExtentBlobs.Table.NotThere() -> {
          List<ExtentName> generations = blobs.lineage(top);
          if (generations == null) {
            return new Loaded.Failed();
          }
          if (generations.isEmpty()) {
            return new Loaded.Ended();
          }
          top = generations.getLast();
        }
      }
    }
    return new Loaded.Failed();
  }

  /** Learns what became of an extent that is not there under its name any more. Blocks. */
  boolean reload(ExtentName gone) {
    return switch (loadTop(gone)) {
      case Loaded.Extents(Extent extent) -> directory.adopt(extent);
      case Loaded.Ended() -> {
        Extent known = directory.ofLineage(gone.lineage());
        if (known != null && known.name().equals(gone)) {
          directory.drop(gone.lineage());
        }
        yield true;
      }
      case Loaded.Failed() -> false;
    };
  }

  /** A block of that extent failed its checks: out with what does not pass them. Blocks. */
  boolean condemn(Extent extent) {
    return rewriter.rewrite(extent.name(), _ -> false);
  }

  /**
   * Removes blocks from all extents that are in the store now, known here or not. Blocks.
   *
   * @return those that may still be there
   */
  Set<BlockKey> remove(Set<BlockKey> keys) {
    if (!awaitLearned(options.calls().writeMillis())) {
      return keys;
    }
    Map<ExtentName, Set<BlockKey>> unknown = new HashMap<>();
    long begun = listings.get();
    learning.lock();
    try {
      if (!learnFor(keys, begun, unknown)) {
        return keys;
      }
    } finally {
      learning.unlock();
    }
    Set<BlockKey> left = new HashSet<>();
    Map<ExtentName, Set<BlockKey>> affected = affectedBy(keys);
    affected.putAll(unknown);
    if (directory.closed()) {
      // Forgotten meanwhile for want of use: whoever asks again learns it anew.
      return keys;
    }
    affected.forEach((extent, those) -> {
      if (!rewriter.rewrite(extent, keys::contains)) {
        left.addAll(those);
      }
    });
    return left;
  }

  /**
   * Learns what others have stored up to now: the blocks may be among it. A listing that another
   * removal began meanwhile will do.
   *
   * @param begun listings before the removal came
   * @param unknown told in which extents the keys are that there is no room to know
   */
  private boolean learnFor(Set<BlockKey> keys, long begun, Map<ExtentName, Set<BlockKey>> unknown) {
    if (!partial() && completeListing <= begun && !learnNew(() -> false)) {
      return false;
    }
    // What is new may be what there is no room for.
    return !partial() || learnAll(() -> false, extent -> noteThose(keys, extent, unknown));
  }

  private Map<ExtentName, Set<BlockKey>> affectedBy(Set<BlockKey> keys) {
    Map<ExtentName, Set<BlockKey>> affected = new HashMap<>();
    long now = clock.wallMillis();
    for (BlockKey key : keys) {
      for (Extent.Location place : directory.allOf(key)) {
        if (place.expiredAt(now)) {
          // No server serves it, so there is no hurry to get rid of its bytes.
          directory.hide(place);
        } else {
          affected.computeIfAbsent(place.extent().name(), _ -> new HashSet<>()).add(key);
        }
      }
    }
    return affected;
  }

  private static void noteThose(
      Set<BlockKey> keys, Extent extent, Map<ExtentName, Set<BlockKey>> found) {
    for (BlockKey key : keys) {
      for (int i = 0; i < extent.count(); i++) {
        if (extent.holds(i, key)) {
          found.computeIfAbsent(extent.name(), _ -> new HashSet<>()).add(key);
        }
      }
    }
  }

  /**
   * Rewrites extents that are mostly over, at its pace and no more than fit into one refresh
   * period. Blocks.
   */
  void reclaim(Pause pause, BooleanSupplier stop) {
    long now = clock.wallMillis();
    long left = Math.max(1, options.refreshMillis() / Math.max(1, options.rewriteMillis()));
    for (Extent extent : directory.extents()) {
      if (left == 0 || stop.getAsBoolean()) {
        return;
      }
      if (extent.livePercent(now) < options.livePercent()) {
        rewriter.rewrite(extent.name(), _ -> false);
        pause.millis(options.rewriteMillis());
        left--;
      }
    }
  }

  /** Deletes the last marks of lineages that have been over for long enough. */
  private void endLineages() {
    long before =
        clock.wallMillis() - ENDED_PER_WRITE * options.calls().writeMillis() - SKEW_MILLIS;
    for (Extent extent : directory.extents()) {
      if (extent.count() == 0 && extent.writtenAtMillis() < before && blobs.delete(extent.name())) {
        directory.drop(extent.name().lineage());
      }
    }
  }
}
