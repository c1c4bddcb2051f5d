package io.kveik.server.tier.object.extent;

import static java.lang.foreign.ValueLayout.JAVA_LONG_UNALIGNED;

import io.kveik.server.block.BlockKey;
import io.kveik.server.memory.Lease;
import io.kveik.server.tier.object.BlobHead;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;

/**
 * Lays blocks into the memory of an extent, one after the other. One thread; each block is copied
 * once.
 */
final class ExtentBuilder {
  private static final ValueLayout.OfLong BIG_ENDIAN_LONG =
      JAVA_LONG_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);

  private final ExtentName name;
  private final long stamp;
  private final MemorySegment memory;
  private final List<ObjectExtentDescriptor.Entry> entries = new ArrayList<>();
  private long end;

  /**
   * @param blocks that will be added, no fewer
   * @param lease on {@link ObjectExtentDescriptor#bytesFor} those; stays the caller's
   */
  ExtentBuilder(ExtentName name, long stamp, int blocks, Lease lease) {
    this.name = name;
    this.stamp = stamp;
    this.memory = lease.segment();
    this.end = ObjectExtentDescriptor.recordsAt(blocks);
  }

  /** Adds a block. */
  void add(BlobHead head, MemorySegment body) {
    long at = end + Long.BYTES;
    MemorySegment.copy(MemorySegment.ofBuffer(head.encode()), 0, memory, at, BlobHead.BYTES);
    MemorySegment.copy(body, 0, memory, at + BlobHead.BYTES, body.byteSize());
    finish(head.header().key(), head.header().endsAtMillis(), BlobHead.BYTES + body.byteSize());
  }

  /**
   * Adds a block of another extent as it lies there, whether or not this version can read it.
   *
   * @param record all of it
   */
  void add(BlockKey key, long endsAtMillis, MemorySegment record) {
    long length = record.byteSize() - Long.BYTES;
    MemorySegment.copy(record, Long.BYTES, memory, end + Long.BYTES, length);
    finish(key, endsAtMillis, length);
  }

  private void finish(BlockKey key, long endsAtMillis, long lengthBehindStamp) {
    memory.set(BIG_ENDIAN_LONG, end, stamp);
    int length = (int) (Long.BYTES + lengthBehindStamp);
    entries.add(new ObjectExtentDescriptor.Entry(key, endsAtMillis, length));
    end += length;
  }

  /** Where the blob is once it is sealed. */
  MemorySegment blob() {
    return memory.asSlice(0, Math.max(end, ObjectExtentDescriptor.PREFIX_BYTES));
  }

  /** Finishes it. */
  Extent seal(long writtenAtMillis) {
    if (end < ObjectExtentDescriptor.PREFIX_BYTES) {
      memory.asSlice(end, ObjectExtentDescriptor.PREFIX_BYTES - end).fill((byte) 0);
    }
    return ObjectExtentDescriptor.seal(name, stamp, writtenAtMillis, entries, blob());
  }

  /** Whether a record is of the extent that a server remembers under that name. */
  static boolean bears(MemorySegment record, long stamp) {
    return record.get(BIG_ENDIAN_LONG, 0) == stamp;
  }
}
