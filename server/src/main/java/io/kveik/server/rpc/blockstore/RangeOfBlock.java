package io.kveik.server.rpc.blockstore;

import io.kveik.server.block.BlockId;

/**
 * A part of a block.
 *
 * @param offset bytes before it
 * @param length bytes of it; 0: to the block's end
 */
record RangeOfBlock(BlockId id, long offset, long length) {
  /** Bytes of the part in a block of that size; -1 when it is not inside. */
  long lengthIn(long blockBytes) {
    if (offset > blockBytes || length > blockBytes - offset) {
      return -1;
    }
    return length == 0 ? blockBytes - offset : length;
  }
}
