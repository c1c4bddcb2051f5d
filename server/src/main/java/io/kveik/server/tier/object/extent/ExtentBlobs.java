package io.kveik.server.tier.object.extent;

import io.kveik.server.memory.Lease;
import io.kveik.server.memory.Slab;
import io.kveik.server.tier.object.BlobContainer;
import io.kveik.server.tier.object.BlobFailure;
import io.kveik.server.tier.object.BlobName;
import io.kveik.server.tier.object.BlobOutcome;
import io.kveik.server.tier.object.BlobSink;
import io.kveik.server.tier.object.BlobStore;
import io.kveik.server.tier.object.ObjectBlobDescriptor;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** The extents of one container as blobs. Any thread; blocks for as long as the store takes. */
final class ExtentBlobs {
  private final BlobStore store;
  private final BlobContainer container;
  private final Slab memory;
  private final ExtentOptions options;
  private final ExtentCounters counters;
  private final AtomicInteger copiesLeft;

  /**
   * @param memory for tables and whole extents
   * @param copiesLeft damaged extents that may yet be copied aside
   */
  ExtentBlobs(
      BlobStore store,
      BlobContainer container,
      Slab memory,
      ExtentOptions options,
      ExtentCounters counters,
      AtomicInteger copiesLeft) {
    this.store = store;
    this.container = container;
    this.memory = memory;
    this.options = options;
    this.counters = counters;
    this.copiesLeft = copiesLeft;
  }

  /** What came of asking for a table. */
  sealed interface Table {
    record Loaded(Extent extent) implements Table {}

    /** Rewritten under another name, or ended, since that name was learned. */
    record NotThere() implements Table {}

    record Unsound() implements Table {}

    record Failed() implements Table {}
  }

  /** What came of asking for all of an extent. */
  sealed interface Whole {
    /**
     * The receiver closes it.
     *
     * @param length of the blob in what is leased
     */
    record Fetched(Lease lease, long length) implements Whole, AutoCloseable {
      MemorySegment bytes() {
        return lease.segment().asSlice(0, length);
      }

      @Override
      public void close() {
        lease.close();
      }
    }

    record NotThere() implements Whole {}

    /** Longer than any extent. */
    record Oversized() implements Whole {}

    record Failed() implements Whole {}
  }

  /** Memory for an extent on its way; null when there is none now, which is counted. */
  @Nullable Lease allocate(long bytes) {
    Lease lease = bytes > memory.maxAllocationBytes() ? null : memory.allocate(bytes);
    if (lease == null) {
      counters.memoryRefused.increment();
    }
    return lease;
  }

  /** A conditional create. */
  BlobOutcome.Put put(ExtentName name, MemorySegment blob) {
    BlobOutcome.Put outcome =
        store.put(blobOf(name), Map.of(), blob, options.calls().writeMillis());
    if (outcome instanceof BlobOutcome.Created) {
      counters.written.increment();
      counters.writtenBytes.add(blob.byteSize());
    }
    return outcome;
  }

  /** Fetches what an extent says of itself: one range of a length that all have. */
  Table table(ExtentName name) {
    BlobOutcome.Get outcome =
        store.getRange(
            blobOf(name),
            0,
            ObjectExtentDescriptor.PREFIX_BYTES,
            (_, length) -> allocate(length),
            options.calls().readMillis());
    return switch (outcome) {
      case BlobOutcome.Fetched(_, Lease lease, _) -> {
        try (lease) {
          yield switch (ObjectExtentDescriptor.check(name, lease.segment())) {
            case ObjectExtentDescriptor.Check.Sound(Extent extent) -> new Table.Loaded(extent);
            case ObjectExtentDescriptor.Check.Unsound _ -> new Table.Unsound();
          };
        }
      }
      case BlobOutcome.NotThere() -> new Table.NotThere();
      case BlobOutcome.Declined _ -> new Table.Failed();
      case BlobOutcome.Failed(BlobFailure failure) ->
          failure.kind() == BlobFailure.Kind.REFUSED
                  && endsBefore(ObjectExtentDescriptor.PREFIX_BYTES, name)
              ? new Table.Unsound()
              : new Table.Failed();
    };
  }

  /** True when the store says that the blob is there and shorter than that. */
  boolean endsBefore(long bytes, ExtentName name) {
    return store.head(blobOf(name), options.calls().findMillis())
            instanceof BlobOutcome.Present(_, long length)
        && length < bytes;
  }

  /** Fetches a part of a record or all of it, into the caller's memory. */
  BlobOutcome.Get record(ExtentName name, long offset, long length, BlobSink sink) {
    return store.getRange(blobOf(name), offset, length, sink, options.calls().readMillis());
  }

  Whole whole(ExtentName name) {
    BlobOutcome.Get outcome =
        store.get(
            blobOf(name),
            (_, length) ->
                length > ObjectExtentDescriptor.MAX_BYTES ? null : allocate(Math.max(1, length)),
            options.calls().readMillis());
    return switch (outcome) {
      case BlobOutcome.Fetched(_, Lease lease, long length) -> new Whole.Fetched(lease, length);
      case BlobOutcome.NotThere() -> new Whole.NotThere();
      case BlobOutcome.Declined(_, long length) ->
          length > ObjectExtentDescriptor.MAX_BYTES ? new Whole.Oversized() : new Whole.Failed();
      case BlobOutcome.Failed _ -> new Whole.Failed();
    };
  }

  /** The generations of a lineage that are there, in their order; null when it can't be told. */
  @Nullable List<ExtentName> lineage(ExtentName name) {
    List<ExtentName> found = new ArrayList<>();
    return list(name.lineagePrefix(), found::add) ? found : null;
  }

  /**
   * Tells the extents below a prefix, generations of one lineage next to each other and in their
   * order.
   *
   * @param visitor false ends the listing
   * @return false when it broke off on a failure
   */
  boolean list(String prefix, Predicate<ExtentName> visitor) {
    return store.list(
        container,
        prefix,
        path -> {
          Optional<ExtentName> name = ExtentName.parse(path);
          return name.isEmpty() || visitor.test(name.get());
        },
        options.calls().findMillis());
  }

  /** True when it is not there any more, or never was. */
  boolean delete(ExtentName name) {
    return store.delete(blobOf(name), options.calls().writeMillis()) instanceof BlobOutcome.Deleted;
  }

  /** Copies a damaged extent aside for inspection, as far as the limit goes. */
  void copyAside(ExtentName name, MemorySegment blob) {
    counters.quarantined.increment();
    if (copiesLeft.getAndDecrement() > 0) {
      BlobName aside = new BlobName(container, ObjectBlobDescriptor.quarantinePath(name.path()));
      store.replace(aside, Map.of(), blob, options.calls().writeMillis());
    }
  }

  private BlobName blobOf(ExtentName name) {
    return new BlobName(container, name.path());
  }
}
