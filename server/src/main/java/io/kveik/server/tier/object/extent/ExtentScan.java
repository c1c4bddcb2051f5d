package io.kveik.server.tier.object.extent;

import io.kveik.server.block.BlockHeader;
import io.kveik.server.block.BlockRef;
import io.kveik.server.block.Fingerprint;
import io.kveik.server.tier.object.BlobHead;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;

/**
 * Tells the blocks in the extents of one container. One thread; blocks for as long as the store
 * takes.
 *
 * <p>The blocks of an extent are told when it has been read and let go, so that the visitor may
 * remove them: what it was told of stays true. An extent that is rewritten before it was read is
 * read in its new generation.
 */
final class ExtentScan {
  /** An extent that is rewritten as often while it is read is given up on. */
  private static final int MOVES = 4;

  private final ContainerExtents extents;
  private final Consumer<BlockHeader> visitor;
  private final Set<BlockRef> copiesTold;

  /**
   * @param copiesTold blocks that are in several places and have been told; added to
   */
  ExtentScan(ContainerExtents extents, Consumer<BlockHeader> visitor, Set<BlockRef> copiesTold) {
    this.extents = extents;
    this.visitor = visitor;
    this.copiesTold = copiesTold;
  }

  /**
   * Tells the blocks of these namespaces.
   *
   * @return false when not all extents could be read
   */
  boolean through(Set<Fingerprint> namespaces, BooleanSupplier stop) {
    boolean complete = true;
    for (Extent extent : extents.directory().extents()) {
      if (stop.getAsBoolean()) {
        return false;
      }
      if (namespaces.contains(extent.name().namespace())) {
        complete &= visit(extent.name().lineage());
      }
    }
    return complete;
  }

  private boolean visit(long lineage) {
    for (int moves = 0; moves < MOVES; moves++) {
      Extent extent = extents.directory().ofLineage(lineage);
      if (extent == null || extent.count() == 0) {
        return true;
      }
      switch (extents.blobs().whole(extent.name())) {
        case ExtentBlobs.Whole.Fetched whole -> {
          List<BlockHeader> found = new ArrayList<>();
          try (whole) {
            collect(extent, whole, found);
          }
          found.forEach(visitor);
          return true;
        }
        case ExtentBlobs.Whole.NotThere() -> {
          if (!extents.reload(extent.name())) {
            return false;
          }
        }
        case ExtentBlobs.Whole.Oversized(), ExtentBlobs.Whole.Failed() -> {
          return false;
        }
      }
    }
    return false;
  }

  private void collect(Extent extent, ExtentBlobs.Whole.Fetched whole, List<BlockHeader> found) {
    for (int i = 0; i < extent.count(); i++) {
      ExtentRecord record = ExtentRecord.at(new Extent.Location(extent, i), whole.bytes());
      if (record.head() instanceof BlobHead.Check.Sound(BlobHead head) && isNew(head.header())) {
        found.add(head.header());
      }
    }
  }

  /** What is in none of the known extents any more has been removed, or is over. */
  private boolean isNew(BlockHeader header) {
    if (extents.directory().locate(header.key()) == null) {
      return false;
    }
    boolean several =
        extents.directory().allOf(header.key()).size() > 1 || copiesTold.contains(header.ref());
    return !several || copiesTold.add(header.ref());
  }
}
