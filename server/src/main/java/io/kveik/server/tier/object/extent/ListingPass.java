package io.kveik.server.tier.object.extent;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One pass over a listing of extents, which has the directory know those that it lacks. One thread,
 * which has several tables read beside the listing; blocks for as long as the store takes.
 */
final class ListingPass {
  private static final Logger LOG = LoggerFactory.getLogger(ListingPass.class);

  private final ExtentBlobs blobs;
  private final ExtentDirectory directory;
  private final LineageTops tops;
  private final ExtentCounters counters;
  private final ParallelReads.Batch reads;
  private final BooleanSupplier stop;
  private final Consumer<Extent> onBeyond;
  private final Set<Long> lineages = new HashSet<>();

  /** The lineage that the listing is at. */
  private final List<ExtentName> generations = new ArrayList<>();

  /** Set by any thread that reads a table, never back. */
  private volatile boolean incomplete;

  /**
   * @param stop asked at each extent
   * @param onBeyond told the extents that the directory has no room for, one at a time, on any
   *     thread
   */
  ListingPass(
      ExtentBlobs blobs,
      ExtentDirectory directory,
      LineageTops tops,
      ParallelReads tables,
      ExtentCounters counters,
      BooleanSupplier stop,
      Consumer<Extent> onBeyond) {
    this.blobs = blobs;
    this.directory = directory;
    this.tops = tops;
    this.counters = counters;
    this.reads = tables.begin();
    this.stop = stop;
    this.onBeyond = onBeyond;
  }

  /**
   * Lists what is below these prefixes; once.
   *
   * @return false when it broke off, or an extent could not be learned
   */
  boolean through(List<String> prefixes) {
    try {
      for (String prefix : prefixes) {
        if (!blobs.list(prefix, this::visit)) {
          incomplete = true;
        }
        endLineage();
      }
    } finally {
      reads.await();
    }
    return !incomplete;
  }

  /** Those that were listed. */
  Set<Long> lineages() {
    return lineages;
  }

  private boolean visit(ExtentName name) {
    if (!generations.isEmpty() && generations.getLast().lineage() != name.lineage()) {
      endLineage();
    }
    generations.add(name);
    if (stop.getAsBoolean()) {
      incomplete = true;
    }
    return !incomplete;
  }

  private void endLineage() {
    if (generations.isEmpty()) {
      return;
    }
    List<ExtentName> listed = List.copyOf(generations);
    generations.clear();
    ExtentName top = listed.getLast();
    lineages.add(top.lineage());
    Extent known = directory.ofLineage(top.lineage());
    if (known != null && known.name().generation() >= top.generation()) {
      deleteEarlier(listed);
    } else {
      reads.start(() -> learn(listed));
    }
  }

  /** On any thread. */
  private void learn(List<ExtentName> listed) {
    try {
      if (known(listed.getLast())) {
        deleteEarlier(listed);
      } else {
        incomplete = true;
      }
    } catch (RuntimeException e) {
      LOG.error("learning {}", listed.getLast(), e);
      incomplete = true;
    }
  }

  private boolean known(ExtentName listed) {
    return switch (tops.load(listed)) {
      case LineageTops.Top.Loaded(Extent extent) -> {
        if (!directory.adopt(extent)) {
          counters.directoryRefused.increment();
          synchronized (this) {
            onBeyond.accept(extent);
          }
        }
        yield true;
      }
      case LineageTops.Top.Ended() -> true;
      case LineageTops.Top.Failed() -> false;
    };
  }

  /** What is left where a server ended before it could. */
  private void deleteEarlier(List<ExtentName> listed) {
    listed.subList(0, listed.size() - 1).forEach(blobs::delete);
  }
}
