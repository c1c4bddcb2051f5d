package io.kveik.server.tier.object.extent;

import io.kveik.server.block.BlockKey;
import io.kveik.server.memory.Lease;
import io.kveik.server.runtime.Clock;
import io.kveik.server.tier.object.BlobOutcome;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.function.LongSupplier;
import java.util.function.Predicate;

/**
 * Takes blocks out of extents. The only way in which an extent changes: its lineage gets another
 * generation, made by a conditional create and with fewer blocks, and only then the ones before it
 * are deleted. Of a lineage the highest generation counts, so of servers that do this at a time one
 * makes each generation, the others go on from there, and no block comes back. A lineage from which
 * all blocks have gone keeps a last generation of none, for as long as anybody may yet be at work
 * on an earlier one.
 *
 * <p>Any thread; blocks for as long as the store takes. One rewriting of a lineage at a time.
 * Without competition: two listings of a few names, a fetch, a create, a delete.
 */
final class LineageRewriter {
  private static final int STRIPES = 64;

  /** Somebody else may be faster so many times in a row. */
  private static final int ROUNDS = 16;

  private final ExtentBlobs blobs;
  private final ExtentDirectory directory;
  private final ExtentCounters counters;
  private final Clock clock;
  private final LongSupplier random;
  private final Object[] locks = new Object[STRIPES];

  LineageRewriter(
      ExtentBlobs blobs,
      ExtentDirectory directory,
      ExtentCounters counters,
      Clock clock,
      LongSupplier random) {
    this.blobs = blobs;
    this.directory = directory;
    this.counters = counters;
    this.clock = clock;
    this.random = random;
    for (int i = 0; i < STRIPES; i++) {
      locks[i] = new Object();
    }
  }

  /**
   * Rewrites a lineage without some of its blocks, those whose time is over and those that fail a
   * check. After a true return no generation has any of them, and the directory says so.
   *
   * @param any generation of it
   * @param unwanted which blocks
   * @return false when the store did not let it: nothing may have changed, or all but the last step
   */
  boolean rewrite(ExtentName any, Predicate<BlockKey> unwanted) {
    synchronized (locks[(int) any.lineage() & (STRIPES - 1)]) {
      boolean done = rounds(any, unwanted);
      if (!done) {
        counters.rewriteFailures.increment();
      }
      return done;
    }
  }

  private boolean rounds(ExtentName any, Predicate<BlockKey> unwanted) {
    Extent mine = null;
    for (int round = 0; round < ROUNDS; round++) {
      List<ExtentName> generations = blobs.lineage(any);
      if (generations == null) {
        return false;
      }
      if (generations.isEmpty()) {
        directory.drop(any.lineage());
        return true;
      }
      ExtentName top = generations.getLast();
      if (mine != null && mine.name().equals(top)) {
        return settle(mine, generations);
      }
      switch (trim(top, unwanted)) {
        case Trim.NothingToDo(Extent extent) -> {
          return settle(extent, generations);
        }
        case Trim.Written(Extent extent) -> mine = extent;
        case Trim.Overtaken() -> mine = null;
        case Trim.Failed() -> {
          return false;
        }
      }
    }
    return false;
  }

  /** Nothing has to go from the highest generation any more: the others go. */
  private boolean settle(Extent top, List<ExtentName> generations) {
    for (ExtentName earlier : generations.subList(0, generations.size() - 1)) {
      if (!blobs.delete(earlier)) {
        return false;
      }
    }
    if (!directory.adopt(top)) {
      counters.directoryRefused.increment();
    }
    return true;
  }

  /** What one round came to. */
  private sealed interface Trim {
    record NothingToDo(Extent extent) implements Trim {}

    record Written(Extent extent) implements Trim {}

    /** The generation is another one's by now. */
    record Overtaken() implements Trim {}

    record Failed() implements Trim {}
  }

  private Trim trim(ExtentName top, Predicate<BlockKey> unwanted) {
    return switch (blobs.whole(top)) {
      case ExtentBlobs.Whole.Fetched whole -> {
        try (whole) {
          yield trim(top, whole.bytes(), unwanted);
        }
      }
      case ExtentBlobs.Whole.NotThere() -> new Trim.Overtaken();
      case ExtentBlobs.Whole.Oversized() -> write(top.next(), List.of());
      case ExtentBlobs.Whole.Failed() -> new Trim.Failed();
    };
  }

  private Trim trim(ExtentName top, MemorySegment blob, Predicate<BlockKey> unwanted) {
    ObjectExtentDescriptor.Check check =
        blob.byteSize() < ObjectExtentDescriptor.PREFIX_BYTES
            ? new ObjectExtentDescriptor.Check.Unsound(blob.byteSize() + " bytes long")
            : ObjectExtentDescriptor.check(top, blob);
    if (!(check instanceof ObjectExtentDescriptor.Check.Sound(Extent extent))) {
      blobs.copyAside(top, blob);
      return write(top.next(), List.of());
    }
    long now = clock.wallMillis();
    boolean damaged = false;
    List<ExtentRecord> kept = new ArrayList<>();
    for (int i = 0; i < extent.count(); i++) {
      Extent.Location place = new Extent.Location(extent, i);
      ExtentRecord record = ExtentRecord.at(place, blob);
      boolean intact = record.intact();
      damaged |= !intact;
      if (intact && !place.expiredAt(now) && !unwanted.test(record.key())) {
        kept.add(record);
      }
    }
    if (damaged) {
      blobs.copyAside(top, blob);
    }
    return kept.size() == extent.count() ? new Trim.NothingToDo(extent) : write(top.next(), kept);
  }

  private Trim write(ExtentName name, List<ExtentRecord> records) {
    long bodyBytes = records.stream().mapToLong(record -> record.bytes().byteSize()).sum();
    Lease lease = blobs.allocate(ObjectExtentDescriptor.bytesFor(records.size(), bodyBytes));
    if (lease == null) {
      return new Trim.Failed();
    }
    try (lease) {
      ExtentBuilder builder = new ExtentBuilder(name, random.getAsLong(), records.size(), lease);
      records.forEach(record -> builder.add(record.key(), record.endsAtMillis(), record.bytes()));
      Extent extent = builder.seal(clock.wallMillis());
      return switch (blobs.put(name, builder.blob())) {
        case BlobOutcome.Created() -> {
          counters.rewritten.increment();
          yield new Trim.Written(extent);
        }
        // Another server's, or one of an earlier try that went through: the next round tells.
        case BlobOutcome.Exists() -> new Trim.Overtaken();
        case BlobOutcome.Failed _ -> new Trim.Failed();
      };
    }
  }
}
