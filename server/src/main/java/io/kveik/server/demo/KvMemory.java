package io.kveik.server.demo;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * Stands in for the GPU's KV cache: off-heap memory for the blocks of one prompt, and one block
 * more to compare with. One thread.
 */
final class KvMemory implements AutoCloseable {
  private static final long ALIGNMENT = 64;

  private final Arena arena = Arena.ofConfined();
  private final MemorySegment memory;
  private final int blockBytes;

  /**
   * @param blocks of the longest prompt
   */
  KvMemory(int blocks, int blockBytes) {
    this.blockBytes = blockBytes;
    this.memory = arena.allocate((blocks + 1L) * blockBytes, ALIGNMENT);
  }

  int blockBytes() {
    return blockBytes;
  }

  /** Where block {@code index} of the prompt lies. */
  MemorySegment block(int index) {
    return memory.asSlice((index + 1L) * blockBytes, blockBytes);
  }

  MemorySegment scratch() {
    return memory.asSlice(0, blockBytes);
  }

  @Override
  public void close() {
    arena.close();
  }
}
