package io.kveik.server.tier.object.extent;

import io.kveik.server.block.BlockKey;
import io.kveik.server.runtime.Clock;
import io.kveik.server.runtime.Pause;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.function.BooleanSupplier;

/**
 * The extents of one container: what is known of them, and how blocks leave them. Questions never
 * wait; what blocks on the store says so. Any thread.
 */
final class ContainerExtents {
  /** What an ended lineage is remembered for: no call to the store that began before is left. */
  private static final int ENDED_PER_WRITE = 10;

  private static final long NANOS_PER_MILLI = 1_000_000;

  private final ExtentBlobs blobs;
  private final ExtentDirectory directory;
  private final LineageRewriter rewriter;
  private final LineageTops tops;
  private final ContainerLearning learning;
  private final ExtentOptions options;
  private final Clock clock;
  private volatile long usedAtNanos;

  ContainerExtents(
      ExtentBlobs blobs,
      ExtentDirectory directory,
      LineageRewriter rewriter,
      ParallelReads tables,
      ExtentOptions options,
      ExtentCounters counters,
      Clock clock) {
    this.blobs = blobs;
    this.directory = directory;
    this.rewriter = rewriter;
    this.options = options;
    this.clock = clock;
    this.tops = new LineageTops(blobs, directory, rewriter, counters);
    this.learning =
        new ContainerLearning(
            blobs, directory, tops, tables, options, counters, clock, this::endLineages);
    this.usedAtNanos = clock.nanoTime();
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

  /** What is known of the extents, and how to learn the rest. */
  ContainerLearning learning() {
    return learning;
  }

  /** Learns what became of an extent that is not there under its name any more. Blocks. */
  boolean reload(ExtentName gone) {
    return tops.reload(gone);
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
    if (!learning.await(options.calls().writeMillis())) {
      return keys;
    }
    Map<ExtentName, Set<BlockKey>> unknown = new HashMap<>();
    // Others may have stored the blocks a second ago.
    if (!learning.catchUp(extent -> noteThose(keys, extent, unknown))) {
      return keys;
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
        clock.wallMillis()
            - ENDED_PER_WRITE * options.calls().writeMillis()
            - ContainerLearning.SKEW_MILLIS;
    for (Extent extent : directory.extents()) {
      if (extent.count() == 0 && extent.writtenAtMillis() < before && blobs.delete(extent.name())) {
        directory.drop(extent.name().lineage());
      }
    }
  }
}
