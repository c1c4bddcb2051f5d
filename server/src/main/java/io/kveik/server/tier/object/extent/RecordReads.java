package io.kveik.server.tier.object.extent;

import io.kveik.server.block.BlockRef;
import io.kveik.server.memory.Lease;
import io.kveik.server.tier.BlockBuffers;
import io.kveik.server.tier.FindOutcome;
import io.kveik.server.tier.GetOutcome;
import io.kveik.server.tier.encoded.BodyReader;
import io.kveik.server.tier.object.BlobFailure;
import io.kveik.server.tier.object.BlobHead;
import io.kveik.server.tier.object.BlobOutcome;
import org.jspecify.annotations.Nullable;

/**
 * Reads blocks out of extents, each by one range. Any thread; blocks for as long as the store
 * takes.
 *
 * <p>An extent that has been rewritten since it was learned is looked for under its new name. What
 * fails a check is fetched once more, since a wire may flip a bit too, and then condemned.
 */
final class RecordReads {
  /** An extent that is rewritten as often while one block is read is given up on. */
  private static final int MOVES = 4;

  private final BodyReader reader;

  RecordReads(BodyReader reader) {
    this.reader = reader;
  }

  /** What came of fetching a record, or its head. */
  private sealed interface Fetch {
    /** The receiver closes the lease. */
    record Arrived(BlobHead head, Lease lease) implements Fetch {}

    /** The extent is not there. */
    record Moved() implements Fetch {}

    record Foreign() implements Fetch {}

    record Damaged(String reason) implements Fetch {}

    record NoBuffer() implements Fetch {}

    record Failed(String reason) implements Fetch {}
  }

  /** Null when the block is in no extent that is known here. */
  @Nullable GetOutcome get(ContainerExtents extents, BlockRef block, BlockBuffers buffers) {
    boolean doubted = false;
    for (int moves = 0; moves < MOVES; ) {
      Extent.Location place = extents.directory().locate(block.key());
      if (place == null) {
        return null;
      }
      GetOutcome outcome =
          switch (fetch(extents, place, place.length(), block, buffers)) {
            case Fetch.Arrived(BlobHead head, Lease lease) -> {
              try (lease) {
                yield reader.read(
                    head.header(),
                    head.encoding(),
                    lease,
                    ObjectExtentDescriptor.RECORD_HEAD_BYTES,
                    buffers);
              }
            }
            case Fetch.Moved() -> null;
            case Fetch.Foreign() -> new GetOutcome.Absent();
            case Fetch.Damaged(String reason) -> new GetOutcome.Corrupt(reason);
            case Fetch.NoBuffer() -> new GetOutcome.NoBuffer();
            case Fetch.Failed(String reason) -> new GetOutcome.Failed("get: " + reason);
          };
      if (outcome == null) {
        moves++;
        if (!extents.reload(place.extent().name())) {
          return new GetOutcome.Failed("get: what became of the extent can't be learned");
        }
      } else if (outcome instanceof GetOutcome.Corrupt && !doubted) {
        doubted = true;
      } else {
        if (outcome instanceof GetOutcome.Corrupt) {
          extents.condemn(place.extent());
        }
        return outcome;
      }
    }
    return new GetOutcome.Failed("get: the extent keeps changing");
  }

  /** Null when the block is in no extent that is known here. */
  @Nullable FindOutcome find(ContainerExtents extents, BlockRef block) {
    boolean doubted = false;
    for (int moves = 0; moves < MOVES; ) {
      Extent.Location place = extents.directory().locate(block.key());
      if (place == null) {
        return null;
      }
      Fetch fetch =
          fetch(
              extents,
              place,
              ObjectExtentDescriptor.RECORD_HEAD_BYTES,
              block,
              extents.blobs()::allocate);
      switch (fetch) {
        case Fetch.Arrived(BlobHead head, Lease lease) -> {
          lease.close();
          return new FindOutcome.Found(head.header());
        }
        case Fetch.Moved() -> {
          moves++;
          if (!extents.reload(place.extent().name())) {
            return new FindOutcome.Failed("find: what became of the extent can't be learned");
          }
        }
        case Fetch.Foreign() -> {
          return new FindOutcome.Absent();
        }
        case Fetch.Damaged _ -> {
          if (doubted) {
            extents.condemn(place.extent());
            return new FindOutcome.Absent();
          }
          doubted = true;
        }
        case Fetch.NoBuffer() -> {
          return new FindOutcome.Failed("find: no memory for the answer");
        }
        case Fetch.Failed(String reason) -> {
          return new FindOutcome.Failed("find: " + reason);
        }
      }
    }
    return new FindOutcome.Failed("find: the extent keeps changing");
  }

  private static Fetch fetch(
      ContainerExtents extents,
      Extent.Location place,
      long length,
      BlockRef block,
      BlockBuffers buffers) {
    BlobOutcome.Get outcome =
        extents
            .blobs()
            .record(
                place.extent().name(),
                place.offset(),
                length,
                (_, bytes) -> buffers.allocate(bytes));
    return switch (outcome) {
      case BlobOutcome.Fetched(_, Lease lease, _) -> checked(place, block, lease);
      case BlobOutcome.Declined _ -> new Fetch.NoBuffer();
      case BlobOutcome.NotThere() -> new Fetch.Moved();
      // Of a blob that ends before the record does, or of any request that the store won't have.
      case BlobOutcome.Failed(BlobFailure failure) ->
          failure.kind() == BlobFailure.Kind.REFUSED
                  && extents.blobs().endsBefore(place.offset() + length, place.extent().name())
              ? new Fetch.Damaged(failure.reason())
              : new Fetch.Failed(failure.reason());
    };
  }

  private static Fetch checked(Extent.Location place, BlockRef block, Lease lease) {
    Extent extent = place.extent();
    Fetch fetch =
        switch (ExtentRecord.check(block, extent, lease.segment(), place.length())) {
          case BlobHead.Check.Sound(BlobHead head) -> new Fetch.Arrived(head, lease);
          case BlobHead.Check.Foreign() -> new Fetch.Foreign();
          case BlobHead.Check.Unsound(String reason) -> new Fetch.Damaged(reason);
        };
    if (!(fetch instanceof Fetch.Arrived)) {
      lease.close();
    }
    return fetch;
  }
}
