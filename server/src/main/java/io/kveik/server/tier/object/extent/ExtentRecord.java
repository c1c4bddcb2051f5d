package io.kveik.server.tier.object.extent;

import io.kveik.server.block.BlockKey;
import io.kveik.server.block.BlockRef;
import io.kveik.server.tier.object.BlobHead;
import java.lang.foreign.MemorySegment;

/**
 * Takes whole extents apart. Any thread, O(length).
 *
 * @param key as the table has it, like the next
 * @param endsAtMillis wall clock; 0: never, or that depends on uses
 * @param bytes all of it, in memory of the extent's
 * @param head what it says of itself
 */
record ExtentRecord(BlockKey key, long endsAtMillis, MemorySegment bytes, BlobHead.Check head) {
  /**
   * @param blob of which the table has been checked; it may be shorter than that says
   */
  static ExtentRecord at(Extent.Location place, MemorySegment blob) {
    Extent extent = place.extent();
    BlockKey key = ObjectExtentDescriptor.key(blob, place.index());
    long ends = extent.endsAtMillis(place.index());
    if (place.offset() + place.length() > blob.byteSize()) {
      return new ExtentRecord(
          key, ends, blob.asSlice(0, 0), new BlobHead.Check.Unsound("the extent is shorter"));
    }
    MemorySegment record = blob.asSlice(place.offset(), place.length());
    BlockRef block = new BlockRef(extent.name().namespace(), key);
    return new ExtentRecord(key, ends, record, check(block, extent, record, record.byteSize()));
  }

  /**
   * Checks what is in front of a body.
   *
   * @param start of a record, at least {@link ObjectExtentDescriptor#RECORD_HEAD_BYTES}
   * @param length of all of it
   */
  static BlobHead.Check check(BlockRef asked, Extent extent, MemorySegment start, long length) {
    if (!ExtentBuilder.bears(start, extent.stamp())) {
      return new BlobHead.Check.Unsound("record of another extent");
    }
    return BlobHead.check(
        asked,
        start.asSlice(Long.BYTES, BlobHead.BYTES).asByteBuffer(),
        length - ObjectExtentDescriptor.RECORD_HEAD_BYTES);
  }

  /** True for one that is whole, or that only a later version can judge. */
  boolean intact() {
    return switch (head) {
      case BlobHead.Check.Sound(BlobHead sound) -> sound.describes(body());
      case BlobHead.Check.Foreign() -> true;
      case BlobHead.Check.Unsound _ -> false;
    };
  }

  private MemorySegment body() {
    return bytes.asSlice(ObjectExtentDescriptor.RECORD_HEAD_BYTES);
  }
}
