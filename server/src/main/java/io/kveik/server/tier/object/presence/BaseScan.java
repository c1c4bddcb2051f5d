package io.kveik.server.tier.object.presence;

import io.kveik.server.block.BlockKey;
import io.kveik.server.runtime.Clock;
import io.kveik.server.runtime.Pause;
import io.kveik.server.tier.object.BlobContainer;
import io.kveik.server.tier.object.BlobStore;
import io.kveik.server.tier.object.ObjectBlobDescriptor;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Lists the blocks of one container into a set, no faster than it may. One thread, which it blocks.
 * Memory: 3 bytes a block, and as much again while sets are merged.
 */
final class BaseScan {
  private static final int BATCH = 1 << 16;

  /** Blobs between two looks at the clock. */
  private static final int PACE = 1_000;

  private static final long NANOS_PER_SECOND = 1_000_000_000;
  private static final long NANOS_PER_MILLI = 1_000_000;

  private final PresenceOptions options;
  private final PresenceCounters counters;
  private final Clock clock;
  private final Pause pause;
  private final long startNanos;
  private final long[] batch = new long[BATCH];
  private final List<FingerprintSet> sets = new ArrayList<>();
  private int inBatch;
  private long listed;
  private boolean tooLarge;

  private BaseScan(PresenceOptions options, PresenceCounters counters, Clock clock, Pause pause) {
    this.options = options;
    this.counters = counters;
    this.clock = clock;
    this.pause = pause;
    this.startNanos = clock.nanoTime();
  }

  /** All blocks; null when the store could not tell, or there are too many to keep. */
  static @Nullable FingerprintSet of(
      BlobStore store,
      BlobContainer container,
      PresenceOptions options,
      PresenceCounters counters,
      Clock clock,
      Pause pause) {
    BaseScan scan = new BaseScan(options, counters, clock, pause);
    boolean complete =
        store.list(
            container,
            ObjectBlobDescriptor.ROOT,
            path -> scan.visit(ObjectBlobDescriptor.keyAt(path)),
            options.callMillis());
    if (!complete || scan.tooLarge) {
      return null;
    }
    scan.endBatch();
    return FingerprintSet.union(scan.sets, Precision.SOURCE_BITS);
  }

  private boolean visit(Optional<BlockKey> key) {
    key.ifPresent(one -> batch[inBatch++] = one.w0());
    if (inBatch == BATCH) {
      endBatch();
    }
    if (++listed % PACE == 0) {
      counters.rebuildBlobs.add(PACE);
      keepPace();
    }
    return !tooLarge && !Thread.currentThread().isInterrupted();
  }

  /**
   * Merges sets of one size as binary addition carries, so that each block is merged O(log) times.
   */
  private void endBatch() {
    FingerprintSet carry = FingerprintSet.of(batch, inBatch, Precision.SOURCE_BITS);
    inBatch = 0;
    while (!sets.isEmpty() && sets.getLast().size() < 2 * carry.size()) {
      carry = FingerprintSet.union(List.of(sets.removeLast(), carry), Precision.SOURCE_BITS);
    }
    sets.add(carry);
    long bytes = sets.stream().mapToLong(FingerprintSet::bytes).sum();
    tooLarge = bytes > options.learnedBytes();
  }

  private void keepPace() {
    long dueNanos = listed * NANOS_PER_SECOND / options.rebuildBlobsPerSecond();
    long aheadMillis = (dueNanos - (clock.nanoTime() - startNanos)) / NANOS_PER_MILLI;
    if (aheadMillis > 0) {
      pause.millis(aheadMillis);
    }
  }
}
