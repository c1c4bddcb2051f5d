package io.kveik.server.tier.object.presence;

import io.kveik.server.block.BlockRef;
import io.kveik.server.block.Fingerprint;
import io.kveik.server.memory.Slab;
import io.kveik.server.runtime.Clock;
import io.kveik.server.runtime.Pause;
import io.kveik.server.runtime.Scheduler;
import io.kveik.server.runtime.Workers;
import io.kveik.server.tier.object.Background;
import io.kveik.server.tier.object.BlobContainer;
import io.kveik.server.tier.object.BlobContainers;
import io.kveik.server.tier.object.BlobStore;
import io.kveik.server.tier.object.presence.ContainerDigest.Rebuild;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Knows which blocks are in a store that servers share, without asking it.
 *
 * <p>In each container a server publishes, as small blobs, what it stored there, and learns what
 * the others did. A block that another server stored is known here after two refresh periods on
 * average of half each, at most after two of a period and a quarter and the calls themselves; one
 * that this server stored is known at once. Until a container has been learned, and while a part of
 * it can't be, any block may be there: that costs a lookup one question to the store and loses no
 * hit. Where no digest is, or one is damaged, a server lists the container slowly and publishes a
 * base of all that is in it.
 *
 * <p>What a server stored and has not told of when it is killed nobody would look for. So a mark is
 * in the container for as long as there is such; where one stays, all is asked for until a new base
 * is there.
 *
 * <p>Questions and news come from any thread and never wait; {@link #storing} does, all other I/O
 * is on the workers given.
 */
public final class PresenceDigests implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(PresenceDigests.class);

  /** Servers that start together don't list together: up to one part in so many of a period. */
  private static final int JITTER_SHARE = 4;

  /** One for a rebuild, the others for refreshes. */
  private static final int THREADS = 2;

  private final BlobStore store;
  private final BlobContainers containers;
  private final PresenceOptions options;
  private final long writer;
  private final Background background;
  private final Scheduler scheduler;
  private final Clock clock;
  private final Pause pause;

  private final PresenceCounters counters = new PresenceCounters();
  private final AtomicLong generations = new AtomicLong();
  private final DigestMemory memory;
  private final Slab transfer;
  private final Map<BlobContainer, Entry> entries = new ConcurrentHashMap<>();
  private final AtomicBoolean rebuilding = new AtomicBoolean();
  private final Scheduler.Timer timer;

  /** Refreshes so far; the timer thread's. */
  private long round;

  private volatile boolean closed;

  /** A container's digest and what its background work is at. */
  private static final class Entry {
    final ContainerDigest digest;
    final AtomicBoolean refreshing = new AtomicBoolean();

    Entry(ContainerDigest digest) {
      this.digest = digest;
    }
  }

  /**
   * @param store stays the caller's
   * @param writer a random number, this process's own; names what it publishes
   */
  public static PresenceDigests open(
      BlobStore store,
      BlobContainers containers,
      PresenceOptions options,
      long writer,
      Scheduler scheduler,
      Clock clock) {
    Background background =
        Background.on(new Workers("presence", THREADS, THREADS * options.containers()));
    return new PresenceDigests(
        store, containers, options, writer, background, scheduler, clock, Pause.system());
  }

  /** The same with the background and the waits of a test's choice. */
  PresenceDigests(
      BlobStore store,
      BlobContainers containers,
      PresenceOptions options,
      long writer,
      Background background,
      Scheduler scheduler,
      Clock clock,
      Pause pause) {
    this.store = store;
    this.containers = containers;
    this.options = options;
    this.writer = writer;
    this.background = background;
    this.scheduler = scheduler;
    this.clock = clock;
    this.pause = pause;
    this.memory = new DigestMemory(options.learnedBytes());
    this.transfer = Slab.anonymous(options.transferBytes());
    this.timer = scheduler.every(options.refreshMillis(), this::refreshAll);
  }

  /** False only if the block is certainly not in its container, as far as is known here. */
  public boolean mayHold(BlockRef block) {
    Optional<BlobContainer> container = containers.of(block.namespace());
    if (container.isEmpty()) {
      return false;
    }
    ContainerDigest digest = digest(container.get());
    return digest == null || digest.mayHold(hash(block));
  }

  /** What to remember before the store is asked for a block, for {@link #absent}. */
  public long now(Fingerprint namespace) {
    ContainerDigest digest = digest(namespace);
    return digest == null ? 0 : digest.now();
  }

  /** The store turned out not to have the block. */
  public void absent(BlockRef block, long asOf) {
    ContainerDigest digest = digest(block.namespace());
    if (digest != null) {
      digest.absent(hash(block), asOf);
    }
  }

  /**
   * Before this server stores a block: sees to it that the others look for the block themselves,
   * should this server end before it has told of it. Once in a refresh period that is a request to
   * the store, which blocks.
   *
   * @return to be closed when the block has been stored, and {@link #stored} told, or has not been;
   *     null when the store did not take the request
   */
  public @Nullable Storing storing(BlockRef block) {
    ContainerDigest digest = digest(block.namespace());
    if (digest == null) {
      return () -> {};
    }
    OwnMarks.Open open = digest.marks().begin();
    return open == null ? null : () -> digest.marks().end(open);
  }

  /** A block that is being stored. */
  @FunctionalInterface
  public interface Storing extends AutoCloseable {
    @Override
    void close();
  }

  /** This server stored the block. */
  public void stored(BlockRef block) {
    ContainerDigest digest = digest(block.namespace());
    if (digest != null) {
      digest.stored(hash(block));
    }
  }

  /** The block was there when this server came to store it. */
  public void present(BlockRef block) {
    ContainerDigest digest = digest(block.namespace());
    if (digest != null) {
      digest.present(hash(block));
    }
  }

  /** This server removed the block. */
  public void removed(BlockRef block) {
    ContainerDigest digest = digest(block.namespace());
    if (digest != null) {
      digest.removed(hash(block));
    }
  }

  public PresenceCounters counters() {
    return counters;
  }

  public PresenceStatus status() {
    PresenceStatus status = PresenceStatus.NONE;
    for (Entry entry : entries.values()) {
      status = status.and(entry.digest.status());
    }
    return status;
  }

  /**
   * Publishes what is left to, as far as the store answers. Call before the store is closed;
   * idempotent.
   */
  @Override
  public synchronized void close() {
    if (closed) {
      return;
    }
    closed = true;
    timer.cancel();
    background.close();
    for (Entry entry : entries.values()) {
      if (!entry.digest.publishLast()) {
        break;
      }
    }
    transfer.close();
  }

  /** Bytes on the way to or from the store: 0 when nothing is going on. */
  long liveLeases() {
    return transfer.liveLeases();
  }

  /** A block's key is a keyed hash: any word of it will do. */
  private static long hash(BlockRef block) {
    return block.key().w0();
  }

  private @Nullable ContainerDigest digest(Fingerprint namespace) {
    return containers.of(namespace).map(this::digest).orElse(null);
  }

  /** Null for a container beyond the limit. */
  private @Nullable ContainerDigest digest(BlobContainer container) {
    Entry known = entries.get(container);
    if (known != null) {
      return known.digest;
    }
    if (entries.size() >= options.containers() || closed) {
      counters.containersRefused.increment();
      return null;
    }
    Entry fresh = new Entry(newDigest(container));
    known = entries.putIfAbsent(container, fresh);
    if (known != null) {
      return known.digest;
    }
    background.tryExecute(() -> refresh(container, fresh));
    return fresh.digest;
  }

  private ContainerDigest newDigest(BlobContainer container) {
    SegmentBlobs blobs =
        new SegmentBlobs(store, container, transfer::allocate, memory, options, counters);
    return new ContainerDigest(writer, generations, blobs, memory, options, counters, clock);
  }

  private void refreshAll() {
    round++;
    entries.forEach((container, entry) ->
        scheduler.after(
            jitterMillis(container), () -> background.tryExecute(() -> refresh(container, entry))));
  }

  private void refresh(BlobContainer container, Entry entry) {
    if (closed || !entry.refreshing.compareAndSet(false, true)) {
      return;
    }
    try {
      if (entry.digest.idle()) {
        entries.remove(container, entry);
        entry.digest.forget();
        return;
      }
      entry.digest.refresh();
      if (entry.digest.rebuildDue()) {
        rebuildInBackground(container, entry.digest);
      }
    } catch (RuntimeException e) {
      LOG.error("refreshing the presence digest of {}", container, e);
    } finally {
      entry.refreshing.set(false);
    }
  }

  /** One container at a time, so that a thread is left for refreshes. */
  private void rebuildInBackground(BlobContainer container, ContainerDigest digest) {
    if (rebuilding.compareAndSet(false, true)
        && !background.tryExecute(() -> rebuild(container, digest))) {
      rebuilding.set(false);
    }
  }

  private void rebuild(BlobContainer container, ContainerDigest digest) {
    try {
      Rebuild rebuild = digest.beginRebuild();
      if (rebuild == null) {
        return;
      }
      FingerprintSet listed = BaseScan.of(store, container, options, counters, clock, pause);
      boolean done = listed != null && !closed && digest.finishRebuild(rebuild, listed);
      (done ? counters.rebuilds : counters.rebuildFailures).increment();
    } catch (RuntimeException e) {
      LOG.error("rebuilding the presence digest of {}", container, e);
    } finally {
      rebuilding.set(false);
    }
  }

  /** Spread by who asks for what and when; the writer's number is random. */
  private long jitterMillis(BlobContainer container) {
    long mixed = (writer ^ container.hashCode() ^ round) * 0x9E3779B97F4A7C15L;
    return Long.remainderUnsigned(mixed ^ mixed >>> 32, options.refreshMillis() / JITTER_SHARE + 1);
  }
}
