package io.kveik.server.tier.object.extent;

import io.kveik.server.memory.Slab;
import io.kveik.server.runtime.Clock;
import io.kveik.server.runtime.Scheduler;
import io.kveik.server.tier.object.Background;
import io.kveik.server.tier.object.BlobContainer;
import io.kveik.server.tier.object.BlobStore;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The extents of all containers that are in use, and the timer that keeps them up. Any thread;
 * nothing here waits for the store.
 */
final class ExtentContainers implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(ExtentContainers.class);

  private final BlobStore store;
  private final ExtentOptions options;
  private final ExtentCounters counters;
  private final Background background;
  private final ParallelReads tables;
  private final Clock clock;
  private final LongSupplier random;
  private final Slab memory;
  private final AtomicLong roomBlocks;
  private final AtomicInteger copiesLeft;
  private final Map<BlobContainer, Entry> entries = new ConcurrentHashMap<>();
  private final Scheduler.Timer timer;
  private volatile boolean closed;

  /** A container and whether its background work is going on. */
  private record Entry(ContainerExtents extents, AtomicBoolean refreshing) {}

  /**
   * @param store stays the caller's
   * @param background where work that blocks runs; stays the caller's
   * @param tables reads tables of extents
   * @param random any number, from any thread
   */
  ExtentContainers(
      BlobStore store,
      ExtentOptions options,
      ExtentCounters counters,
      Background background,
      ParallelReads tables,
      Scheduler scheduler,
      Clock clock,
      LongSupplier random) {
    this.store = store;
    this.options = options;
    this.counters = counters;
    this.background = background;
    this.tables = tables;
    this.clock = clock;
    this.random = random;
    this.memory = Slab.anonymous(options.memoryBytes());
    this.roomBlocks = new AtomicLong(options.directoryBlocks());
    this.copiesLeft = new AtomicInteger(options.quarantineLimit());
    this.timer = scheduler.every(options.refreshMillis(), this::refreshAll);
  }

  /** Null for a container beyond the limit. */
  @Nullable ContainerExtents of(BlobContainer container) {
    Entry known = entries.get(container);
    if (known == null) {
      if (entries.size() >= options.containers() || closed) {
        counters.containersRefused.increment();
        return null;
      }
      Entry fresh = new Entry(open(container), new AtomicBoolean());
      known = entries.putIfAbsent(container, fresh);
      if (known == null) {
        known = fresh;
        background.tryExecute(() -> refresh(container, fresh));
      }
    }
    known.extents().use();
    return known.extents();
  }

  /** Those in use. */
  Collection<ContainerExtents> all() {
    return entries.values().stream().map(Entry::extents).toList();
  }

  /** Extents and tables on their way: 0 when nothing is going on. */
  long liveLeases() {
    return memory.liveLeases();
  }

  /** Background work that is going on ends when the store is closed. */
  @Override
  public void close() {
    closed = true;
    timer.cancel();
  }

  /** After the store was closed. */
  void closeMemory() {
    memory.close();
  }

  private ContainerExtents open(BlobContainer container) {
    ExtentBlobs blobs = new ExtentBlobs(store, container, memory, options, counters, copiesLeft);
    ExtentDirectory directory = new ExtentDirectory(roomBlocks, clock);
    LineageRewriter rewriter = new LineageRewriter(blobs, directory, counters, clock, random);
    return new ContainerExtents(blobs, directory, rewriter, tables, options, counters, clock);
  }

  private void refreshAll() {
    List.copyOf(entries.entrySet())
        .forEach(one -> background.tryExecute(() -> refresh(one.getKey(), one.getValue())));
  }

  private void refresh(BlobContainer container, Entry entry) {
    if (closed || !entry.refreshing().compareAndSet(false, true)) {
      return;
    }
    try {
      if (entry.extents().idle()) {
        entries.remove(container, entry);
        entry.extents().directory().close();
      } else if (entry.extents().learning().refresh(() -> closed)) {
        entry.extents().reclaim(background::pause, () -> closed);
      }
    } catch (RuntimeException e) {
      LOG.error("refreshing the extents of {}", container, e);
    } finally {
      entry.refreshing().set(false);
    }
  }
}
