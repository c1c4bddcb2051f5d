package io.kveik.server.tier.object.extent;

import io.kveik.server.block.BlockHeader;
import io.kveik.server.block.BlockKey;

/**
 * What a server remembers of an extent: its table, about 40 bytes a block. Immutable.
 *
 * <p>Of keys it has 128 bits, which are a keyed hash: whoever reads a record checks the rest.
 */
final class Extent {
  private final ExtentName name;
  private final long stamp;
  private final long writtenAtMillis;
  private final long blobLength;
  private final long[] keys;
  private final long[] endsAtMillis;

  /** Where each record begins, and behind the last one where it ends. */
  private final int[] offsets;

  /**
   * @param stamp what all its records bear
   * @param keys two words of each block's
   * @param endsAtMillis of each block, as {@link BlockHeader#endsAtMillis} has it
   * @param offsets one more than there are blocks
   */
  Extent(
      ExtentName name,
      long stamp,
      long writtenAtMillis,
      long blobLength,
      long[] keys,
      long[] endsAtMillis,
      int[] offsets) {
    this.name = name;
    this.stamp = stamp;
    this.writtenAtMillis = writtenAtMillis;
    this.blobLength = blobLength;
    this.keys = keys;
    this.endsAtMillis = endsAtMillis;
    this.offsets = offsets;
  }

  /**
   * One block's place.
   *
   * @param index of the block in the extent
   */
  record Location(Extent extent, int index) {
    long offset() {
      return extent.offsets[index];
    }

    /** Of the whole record. */
    long length() {
      return (long) extent.offsets[index + 1] - extent.offsets[index];
    }

    boolean expiredAt(long wallMillis) {
      return extent.expiredAt(index, wallMillis);
    }
  }

  ExtentName name() {
    return name;
  }

  long stamp() {
    return stamp;
  }

  int count() {
    return offsets.length - 1;
  }

  /** What it takes in the store. */
  long blobLength() {
    return blobLength;
  }

  /** Wall clock of the server that wrote this generation. */
  long writtenAtMillis() {
    return writtenAtMillis;
  }

  /** Half a key: enough to look it up by. */
  long hash(int index) {
    return keys[2 * index + 1];
  }

  boolean holds(int index, BlockKey key) {
    return keys[2 * index] == key.w0() && keys[2 * index + 1] == key.w1();
  }

  long endsAtMillis(int index) {
    return endsAtMillis[index];
  }

  private boolean expiredAt(int index, long wallMillis) {
    long at = endsAtMillis[index];
    return at != BlockHeader.NEVER_EXPIRES && wallMillis >= at;
  }

  /** Bytes of records whose time is not over, in percent of all; 100 for one without any. */
  int livePercent(long wallMillis) {
    long live = 0;
    for (int i = 0; i < count(); i++) {
      live += expiredAt(i, wallMillis) ? 0 : offsets[i + 1] - offsets[i];
    }
    int all = offsets[count()] - offsets[0];
    return all == 0 ? 100 : (int) (100 * live / all);
  }
}
