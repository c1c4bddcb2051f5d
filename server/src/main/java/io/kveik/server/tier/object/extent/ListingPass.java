package io.kveik.server.tier.object.extent;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;

/**
 * One pass over a listing of extents, which has the directory know those that it lacks. One thread;
 * blocks for as long as the store takes.
 */
final class ListingPass {
  private final ExtentBlobs blobs;
  private final ExtentDirectory directory;
  private final LineageTops tops;
  private final ExtentCounters counters;
  private final BooleanSupplier stop;
  private final Consumer<Extent> onBeyond;
  private final Set<Long> lineages = new HashSet<>();

  /** The lineage that the listing is at. */
  private final List<ExtentName> generations = new ArrayList<>();

  private boolean complete = true;

  /**
   * @param stop asked at each extent
   * @param onBeyond told the extents that the directory has no room for
   */
  ListingPass(
      ExtentBlobs blobs,
      ExtentDirectory directory,
      LineageTops tops,
      ExtentCounters counters,
      BooleanSupplier stop,
      Consumer<Extent> onBeyond) {
    this.blobs = blobs;
    this.directory = directory;
    this.tops = tops;
    this.counters = counters;
    this.stop = stop;
    this.onBeyond = onBeyond;
  }

  /**
   * Lists what is below these prefixes.
   *
   * @return false when it broke off, or an extent could not be learned
   */
  boolean through(List<String> prefixes) {
    for (String prefix : prefixes) {
      complete &= blobs.list(prefix, this::visit);
      endLineage();
    }
    return complete;
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
    boolean sound = (known != null && known.name().generation() >= top.generation()) || learn(top);
    if (sound) {
      // What is left where a server ended before it could.
      generations.subList(0, generations.size() - 1).forEach(blobs::delete);
    }
    generations.clear();
  }

  private boolean learn(ExtentName listed) {
    switch (tops.load(listed)) {
      case LineageTops.Top.Loaded(Extent extent) -> {
        if (!directory.adopt(extent)) {
          counters.directoryRefused.increment();
          onBeyond.accept(extent);
        }
        return true;
      }
      case LineageTops.Top.Ended() -> {
        return true;
      }
      case LineageTops.Top.Failed() -> {
        complete = false;
        return false;
      }
    }
  }
}
