package io.kveik.bench.load;

import io.kveik.bench.block.PayloadKind;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * The off-heap memory of one client. It is the same against every store, so that none has the
 * better one.
 *
 * @param fresh holds what new blocks are made of
 * @param buffer receives what is read
 */
record ClientMemory(MemorySegment fresh, MemorySegment buffer) {
  /** So aligned, a disk can read into it past the page cache. */
  private static final int PAGE = 4096;

  /** New memory in an arena. */
  static ClientMemory allocate(Arena arena, int blockBytes, PayloadKind payload, long seed) {
    ClientMemory memory =
        new ClientMemory(arena.allocate(blockBytes, PAGE), arena.allocate(blockBytes, PAGE));
    payload.fill(seed, memory.fresh);
    return memory;
  }
}
