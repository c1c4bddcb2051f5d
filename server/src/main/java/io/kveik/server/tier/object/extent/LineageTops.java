package io.kveik.server.tier.object.extent;

import java.util.List;

/**
 * Finds out what the highest generation of a lineage is now, and what is in it. Any thread; blocks
 * for as long as the store takes.
 */
final class LineageTops {
  /** A lineage that is rewritten while it is learned is looked at again so many times. */
  private static final int RELOADS = 4;

  private final ExtentBlobs blobs;
  private final ExtentDirectory directory;
  private final LineageRewriter rewriter;
  private final ExtentCounters counters;

  LineageTops(
      ExtentBlobs blobs,
      ExtentDirectory directory,
      LineageRewriter rewriter,
      ExtentCounters counters) {
    this.blobs = blobs;
    this.directory = directory;
    this.rewriter = rewriter;
    this.counters = counters;
  }

  /** What the highest generation of a lineage turned out to be. */
  sealed interface Top {
    record Loaded(Extent extent) implements Top {}

    /** It is there no more, or was damaged and has been put out of reach. */
    record Ended() implements Top {}

    record Failed() implements Top {}
  }

  /**
   * Fetches the table of a lineage's highest generation: one request, unless it changes meanwhile.
   *
   * @param listed the highest as far as is known
   */
  Top load(ExtentName listed) {
    ExtentName top = listed;
    for (int i = 0; i < RELOADS; i++) {
      switch (blobs.table(top)) {
        case ExtentBlobs.Table.Loaded(Extent extent) -> {
          counters.learned.increment();
          return new Top.Loaded(extent);
        }
        case ExtentBlobs.Table.Unsound() -> {
          return rewriter.rewrite(top, _ -> false) ? new Top.Ended() : new Top.Failed();
        }
        case ExtentBlobs.Table.Failed() -> {
          return new Top.Failed();
        }
        case ExtentBlobs.Table.NotThere() -> {
          List<ExtentName> generations = blobs.lineage(top);
          if (generations == null) {
            return new Top.Failed();
          }
          if (generations.isEmpty()) {
            return new Top.Ended();
          }
          top = generations.getLast();
        }
      }
    }
    return new Top.Failed();
  }

  /**
   * Has the directory know what became of an extent that is not there under its name any more.
   *
   * @return false when that could not be learned
   */
  boolean reload(ExtentName gone) {
    return switch (load(gone)) {
      case Top.Loaded(Extent extent) -> directory.adopt(extent);
      case Top.Ended() -> {
        Extent known = directory.ofLineage(gone.lineage());
        if (known != null && known.name().equals(gone)) {
          directory.drop(gone.lineage());
        }
        yield true;
      }
      case Top.Failed() -> false;
    };
  }
}
