package io.kveik.server.tier.nvme;

import io.kveik.server.block.BlockHeader;
import io.kveik.server.block.BlockRef;
import io.kveik.server.runtime.Clock;
import io.kveik.server.tier.BatchRemovingTier;
import io.kveik.server.tier.BlockBuffers;
import io.kveik.server.tier.BlockChecks;
import io.kveik.server.tier.CodecTotals;
import io.kveik.server.tier.FindOutcome;
import io.kveik.server.tier.GetOutcome;
import io.kveik.server.tier.Lifetimes;
import io.kveik.server.tier.PutOutcome;
import io.kveik.server.tier.SelfEvictingTier;
import io.kveik.server.tier.StoredBlock;
import io.kveik.server.tier.TierUsage;
import io.kveik.server.tier.encoded.BodyCodec;
import io.kveik.server.tier.local.InFlight;
import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Path;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Keeps blocks in a log on a local disk, durable when {@link #put} returns {@code Stored}.
 *
 * <p>Any thread; blocks on I/O. One process at a time, held by a lock file. A put is one write and
 * a share of a sync, a get one read into the caller's memory, a find one page. {@link #remove}
 * holds after a crash. Puts free the oldest segment when room is needed; what {@link
 * Retention#keep} says is written again, the rest leaves.
 *
 * <p>Without a usable disk, at the start or later, every call is answered {@code Failed}, and the
 * tier heals by itself: the directory is tried again at most every {@value #RETRY_MILLIS} ms by
 * whoever calls, a segment that failed a write or a sync is given up for a new one.
 *
 * <p>A put that failed may still be there after the next start, as it may after any crash before
 * its acknowledgement; a removal after it holds.
 */
public final class NvmeTier implements SelfEvictingTier, BatchRemovingTier {
  static final long RETRY_MILLIS = 1_000;

  private static final String NAME = "nvme";
  private static final long NANOS_PER_MILLI = 1_000_000;
  private static final String CLOSED = "nvme tier is closed";

  private final NvmeLayout layout;
  private final NvmeOptions options;
  private final SegmentFiles files;
  private final Clock clock;
  private final Lifetimes lifetimes;
  private final NvmeCounters counters = new NvmeCounters();
  private final BodyCodec codec;
  private final InFlight inFlight = new InFlight(this::release);
  private final Object opening = new Object();
  private volatile @Nullable BlockLog log;
  private volatile String down = "not opened";
  private volatile Retention retention = new NobodyStays();

  /** Guarded by {@link #opening}. */
  private long retryAtNanos;

  private NvmeTier(
      NvmeLayout layout,
      NvmeOptions options,
      SegmentFiles files,
      Clock clock,
      Lifetimes lifetimes) {
    this.layout = layout;
    this.options = options;
    this.files = files;
    this.clock = clock;
    this.lifetimes = lifetimes;
    this.codec = new BodyCodec(options.codec());
    this.retryAtNanos = clock.nanoTime();
  }

  /** Without anyone to ask: plain FIFO. */
  private static final class NobodyStays implements Retention {
    @Override
    public boolean keep(BlockRef block) {
      return false;
    }

    @Override
    public void evicted(BlockRef block) {}

    @Override
    public void corrupt(BlockRef block) {}
  }

  /** Asks whoever is the one to ask at the moment. */
  private final class CurrentRetention implements Retention {
    @Override
    public boolean keep(BlockRef block) {
      return retention.keep(block);
    }

    @Override
    public void evicted(BlockRef block) {
      retention.evicted(block);
    }

    @Override
    public void corrupt(BlockRef block) {
      retention.corrupt(block);
    }
  }

  /** {@link #open(Path, NvmeOptions, Clock, Lifetimes)} by what headers say. */
  public static NvmeTier open(Path root, NvmeOptions options, Clock clock) {
    return open(root, options, clock, Lifetimes.OF_HEADERS);
  }

  /**
   * Opens the tier in a directory, made when absent. When that fails the tier is there all the
   * same, and {@link #status} says what is wrong.
   *
   * @param root a directory of the tier's own
   * @param lifetimes which of the blocks it finds there are over
   */
  public static NvmeTier open(Path root, NvmeOptions options, Clock clock, Lifetimes lifetimes) {
    return open(root, options, clock, lifetimes, DiskSegmentFiles.of(options.io()));
  }

  static NvmeTier open(Path root, NvmeOptions options, Clock clock, SegmentFiles files) {
    return open(root, options, clock, Lifetimes.OF_HEADERS, files);
  }

  private static NvmeTier open(
      Path root, NvmeOptions options, Clock clock, Lifetimes lifetimes, SegmentFiles files) {
    NvmeLayout layout = new NvmeLayout(root.toAbsolutePath());
    NvmeTier tier = new NvmeTier(layout, options, files, clock, lifetimes);
    tier.disk();
    return tier;
  }

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public void retainBy(Retention owner) {
    retention = owner;
  }

  @Override
  public PutOutcome put(StoredBlock block) {
    if (!inFlight.enter()) {
      return new PutOutcome.Failed(CLOSED);
    }
    try {
      String refusal = BlockChecks.refusal(block);
      if (refusal != null) {
        return new PutOutcome.Failed("put: " + refusal);
      }
      BlockLog disk = disk();
      return disk == null ? new PutOutcome.Failed(noDisk()) : disk.put(block);
    } catch (IOException e) {
      return new PutOutcome.Failed(describe("put", e));
    } finally {
      inFlight.exit();
    }
  }

  @Override
  public GetOutcome get(BlockRef block, BlockBuffers buffers) {
    if (!inFlight.enter()) {
      return new GetOutcome.Failed(CLOSED);
    }
    try {
      BlockLog disk = disk();
      return disk == null ? new GetOutcome.Failed(noDisk()) : disk.get(block.key(), buffers);
    } catch (IOException e) {
      return new GetOutcome.Failed(describe("get", e));
    } finally {
      inFlight.exit();
    }
  }

  /** {@inheritDoc} A block whose header is unsound is put in quarantine and is absent. */
  @Override
  public FindOutcome find(BlockRef block) {
    if (!inFlight.enter()) {
      return new FindOutcome.Failed(CLOSED);
    }
    try {
      BlockLog disk = disk();
      return disk == null ? new FindOutcome.Failed(noDisk()) : disk.find(block.key());
    } catch (IOException e) {
      return new FindOutcome.Failed(describe("find", e));
    } finally {
      inFlight.exit();
    }
  }

  /** {@inheritDoc} True only once it holds after a crash, unless syncing is off. */
  @Override
  public boolean remove(BlockRef block) {
    return removeAll(List.of(block)).isEmpty();
  }

  /** {@inheritDoc} Up to {@value BlockRemovals#MAX_TOGETHER} of them share one sync. */
  @Override
  public Set<BlockRef> removeAll(Collection<BlockRef> blocks) {
    if (!inFlight.enter()) {
      return Set.copyOf(blocks);
    }
    try {
      BlockLog disk = disk();
      return disk == null ? Set.copyOf(blocks) : removeFrom(disk, List.copyOf(blocks));
    } finally {
      inFlight.exit();
    }
  }

  /** Goes on after a failure: a segment that failed is given up for a new one. */
  private static Set<BlockRef> removeFrom(BlockLog disk, List<BlockRef> blocks) {
    Set<BlockRef> left = new HashSet<>();
    for (int from = 0; from < blocks.size(); from += BlockRemovals.MAX_TOGETHER) {
      int to = Math.min(blocks.size(), from + BlockRemovals.MAX_TOGETHER);
      List<BlockRef> together = blocks.subList(from, to);
      try {
        disk.remove(together);
      } catch (IOException e) {
        left.addAll(together);
      }
    }
    return left;
  }

  /**
   * {@inheritDoc} The first one after the opening goes by what that read; later ones read a
   * segment's table, never its records. A block that is written again meanwhile may be told twice.
   */
  @Override
  public boolean scan(Consumer<BlockHeader> visitor) {
    if (!inFlight.enter()) {
      return false;
    }
    try {
      BlockLog disk = disk();
      return disk != null && disk.scan(visitor);
    } finally {
      inFlight.exit();
    }
  }

  /**
   * Verifies the next so many bytes of records, for a caller that sets the pace.
   *
   * @return bytes verified; 0 when another call is at it, or there is nothing to verify
   */
  public long scrub(long bytes) {
    if (!inFlight.enter()) {
      return 0;
    }
    try {
      BlockLog disk = log;
      return disk == null ? 0 : disk.scrub(bytes);
    } catch (IOException e) {
      counters.failures.increment();
      return 0;
    } finally {
      inFlight.exit();
    }
  }

  /** {@inheritDoc} Counts each record rounded up to 4 KiB; see {@link #status} for the files. */
  @Override
  public TierUsage usage() {
    BlockLog disk = log;
    return disk == null
        ? new TierUsage(0, 0, options.capacityBytes())
        : new TierUsage(disk.blocks(), disk.recordBytes(), options.capacityBytes());
  }

  @Override
  public OptionalLong writtenBytes() {
    return OptionalLong.of(counters.writtenBytes.sum());
  }

  @Override
  public Optional<CodecTotals> codecTotals() {
    return Optional.of(codec.totals());
  }

  /** The figures of this moment. */
  public NvmeStatus status() {
    BlockLog disk = log;
    return new NvmeStatus(
        disk == null ? down : "",
        disk == null ? 0 : disk.segmentCount(),
        disk == null ? 0 : disk.fileBytes(),
        disk == null ? 0 : disk.recordBytes(),
        counters.stored.sum(),
        counters.storedBodyBytes.sum(),
        counters.writtenBytes.sum(),
        counters.syncs.sum(),
        counters.reinserted.sum(),
        counters.evicted.sum(),
        counters.segmentsFreed.sum(),
        counters.segmentsLost.sum(),
        counters.quarantined.sum(),
        counters.overBudget.sum(),
        counters.failures.sum(),
        counters.scrubbedBytes.sum());
  }

  /**
   * {@inheritDoc} Waits for nothing: the directory is free for others once the last call is out.
   */
  @Override
  public void close() {
    inFlight.close();
  }

  /** What there is of a disk, tried again when its time has come; null without one. */
  private @Nullable BlockLog disk() {
    BlockLog open = log;
    if (open != null) {
      return open;
    }
    synchronized (opening) {
      open = log;
      if (open == null && clock.nanoTime() - retryAtNanos >= 0) {
        open = tryOpen();
      }
      return open;
    }
  }

  private @Nullable BlockLog tryOpen() {
    try {
      BlockLog opened =
          LogOpening.open(
              layout, options, files, clock, lifetimes, codec, counters, new CurrentRetention());
      log = opened;
      return opened;
    } catch (IOException e) {
      down = describe("open", e);
      retryAtNanos = clock.nanoTime() + RETRY_MILLIS * NANOS_PER_MILLI;
      return null;
    }
  }

  private String noDisk() {
    return "no disk: " + down;
  }

  private void release() {
    BlockLog open = log;
    log = null;
    down = CLOSED;
    try {
      if (open != null) {
        open.close();
      }
    } catch (IOException e) {
      // All that was acknowledged is synced; what could not be closed is gone with the process.
      counters.failures.increment();
    }
    codec.close();
  }

  /** What was tried and what the system said to it; no paths, which are the operator's. */
  private static String describe(String operation, IOException e) {
    String said = e instanceof FileSystemException refusal ? refusal.getReason() : e.getMessage();
    return operation + ": " + (said == null ? e.getClass().getSimpleName() : said);
  }
}
