package io.kveik.client.data;

import java.lang.foreign.MemorySegment;

/**
 * A block to load, or a part of one.
 *
 * @param id the engine's id of the block, 16 to 64 bytes; not changed until the call is over
 * @param offset first byte of the part, at least 0
 * @param length bytes of the part; 0: to the block's end
 * @param target where the bytes go, from its start; off-heap memory is filled by the system itself.
 *     More than {@link Integer#MAX_VALUE} bytes of it are of no use
 */
public record LoadItem(byte[] id, int offset, int length, MemorySegment target) {
  public LoadItem {
    Ids.check("id", id);
    if (offset < 0 || length < 0) {
      throw new IllegalArgumentException(
          "offset=%d, length=%d: neither may be below 0".formatted(offset, length));
    }
  }

  /** A whole block. */
  public static LoadItem whole(byte[] id, MemorySegment target) {
    return new LoadItem(id, 0, 0, target);
  }

  /** Bytes that fit. */
  public int room() {
    return (int) Math.min(target.byteSize(), Integer.MAX_VALUE);
  }

  /** Bytes that arrive at most. */
  public int mostBytes() {
    return length == 0 ? room() : Math.min(length, room());
  }
}
