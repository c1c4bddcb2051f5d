package io.kveik.server.tier.object.presence;

import io.kveik.server.memory.Lease;
import io.kveik.server.tier.BlockBuffers;
import io.kveik.server.tier.object.BlobContainer;
import io.kveik.server.tier.object.BlobFailure;
import io.kveik.server.tier.object.BlobName;
import io.kveik.server.tier.object.BlobOutcome;
import io.kveik.server.tier.object.BlobStore;
import io.kveik.server.tier.object.presence.PresenceDigestDescriptor.Decoded;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The segments of one container as blobs. Blocks for as long as the store takes; any thread. Failed
 * calls are counted here and come back as what the caller does about them: nothing, until the next
 * refresh.
 */
final class SegmentBlobs {
  private static final String CLAIMS = SegmentName.PREFIX + "claims/";

  private final BlobStore store;
  private final BlobContainer container;
  private final BlockBuffers buffers;
  private final DigestMemory memory;
  private final PresenceOptions options;
  private final PresenceCounters counters;

  SegmentBlobs(
      BlobStore store,
      BlobContainer container,
      BlockBuffers buffers,
      DigestMemory memory,
      PresenceOptions options,
      PresenceCounters counters) {
    this.store = store;
    this.container = container;
    this.buffers = buffers;
    this.memory = memory;
    this.options = options;
    this.counters = counters;
  }

  /** What came of a fetch. */
  sealed interface Fetch {
    /** The memory it takes is taken from the account. */
    record Loaded(FingerprintSet set) implements Fetch {}

    /** Merged into another, or superseded, since it was listed. */
    record NotThere() implements Fetch {}

    record Corrupt() implements Fetch {}

    /** Too large, or no memory for it. */
    record Refused() implements Fetch {}

    record Failed() implements Fetch {}
  }

  /** What is below a container's prefix. */
  record Listing(List<SegmentName> segments, List<StoringMark> marks) {}

  /** The segments and marks there are; null when the store can't tell. Stops at {@code limit}. */
  @Nullable Listing list(int limit) {
    List<SegmentName> names = new ArrayList<>();
    List<StoringMark> marks = new ArrayList<>();
    boolean told =
        store.list(
            container,
            SegmentName.PREFIX,
            path -> {
              SegmentName.parse(path).ifPresent(names::add);
              StoringMark.parse(path).ifPresent(marks::add);
              return names.size() + marks.size() < limit;
            },
            options.callMillis());
    if (!told) {
      counters.failures.increment();
      return null;
    }
    return new Listing(names, marks);
  }

  /** True when the segment is in the store. */
  boolean put(SegmentName name, FingerprintSet set) {
    long length = PresenceDigestDescriptor.length(set);
    Lease lease = length > options.transferBytes() ? null : buffers.allocate(length);
    if (lease == null) {
      counters.segmentsRefused.increment();
      return false;
    }
    try (lease) {
      PresenceDigestDescriptor.encode(name, set, lease.segment());
      return switch (store.put(blob(name), Map.of(), lease.segment(), options.callMillis())) {
        case BlobOutcome.Created() -> {
          counters.publishedSegments.increment();
          counters.publishedBytes.add(length);
          yield true;
        }
        // Nobody else uses the writer's number: an earlier try went through.
        case BlobOutcome.Exists() -> true;
        case BlobOutcome.Failed(_) -> {
          counters.failures.increment();
          yield false;
        }
      };
    }
  }

  Fetch fetch(SegmentName name) {
    BlobOutcome.Get outcome =
        store.get(
            blob(name),
            (_, length) -> length > options.transferBytes() ? null : buffers.allocate(length),
            options.callMillis());
    return switch (outcome) {
      case BlobOutcome.Fetched(_, Lease body, long length) -> {
        try (body) {
          yield load(
              PresenceDigestDescriptor.decode(name, body.segment().asSlice(0, length)), length);
        }
      }
      case BlobOutcome.Declined(_, _) -> {
        counters.segmentsRefused.increment();
        yield new Fetch.Refused();
      }
      case BlobOutcome.NotThere() -> new Fetch.NotThere();
      case BlobOutcome.Failed(_) -> {
        counters.failures.increment();
        yield new Fetch.Failed();
      }
    };
  }

  /** What is not deleted now shows in the next listing, and is deleted then. */
  void delete(SegmentName name) {
    delete(blob(name));
  }

  /** The same for a mark. */
  void delete(StoringMark mark) {
    delete(blob(mark));
  }

  private void delete(BlobName blob) {
    if (store.delete(blob, options.callMillis()) instanceof BlobOutcome.Failed) {
      counters.failures.increment();
    }
  }

  /** True when the mark is in the store. */
  boolean put(StoringMark mark) {
    // Nobody else uses the number: where it exists, an earlier try went through.
    return !(putEmpty(blob(mark)) instanceof BlobOutcome.Failed);
  }

  /**
   * Claims the right to rebuild the container's digest in a period of time, which one server gets.
   * It need not be given back: the next period is another one's.
   */
  boolean claimRebuild(long period) {
    return putEmpty(new BlobName(container, claimPath(period))) instanceof BlobOutcome.Created;
  }

  private BlobOutcome.Put putEmpty(BlobName name) {
    Lease lease = buffers.allocate(1);
    if (lease == null) {
      return new BlobOutcome.Failed(
          new BlobFailure(BlobFailure.Kind.UNAVAILABLE, 0, "no memory for a request"));
    }
    try (lease) {
      MemorySegment nothing = lease.segment().asSlice(0, 0);
      BlobOutcome.Put outcome = store.put(name, Map.of(), nothing, options.callMillis());
      if (outcome instanceof BlobOutcome.Failed) {
        counters.failures.increment();
      }
      return outcome;
    }
  }

  /** Clears up behind earlier rebuilds. */
  void deleteClaimsBefore(long period) {
    List<String> old = new ArrayList<>();
    store.list(
        container,
        CLAIMS,
        path -> path.compareTo(claimPath(period)) < 0 && old.add(path),
        options.callMillis());
    old.forEach(path -> store.delete(new BlobName(container, path), options.callMillis()));
  }

  private static String claimPath(long period) {
    return CLAIMS + HexFormat.of().toHexDigits(period);
  }

  private Fetch load(Decoded decoded, long length) {
    return switch (decoded) {
      case Decoded.Unsound(_) -> {
        counters.corrupt.increment();
        yield new Fetch.Corrupt();
      }
      case Decoded.Sound(FingerprintSet set) -> {
        if (!memory.take(set.bytes())) {
          counters.segmentsRefused.increment();
          yield new Fetch.Refused();
        }
        counters.learnedSegments.increment();
        counters.learnedBytes.add(length);
        yield new Fetch.Loaded(set);
      }
    };
  }

  private BlobName blob(SegmentName name) {
    return new BlobName(container, name.path());
  }

  private BlobName blob(StoringMark mark) {
    return new BlobName(container, mark.path());
  }
}
