package io.kveik.server.tier;

import io.kveik.server.memory.Lease;
import org.jspecify.annotations.Nullable;

/** Gives tiers the memory to read blocks into. */
@FunctionalInterface
public interface BlockBuffers {
  /**
   * @param bytes at least 1
   * @return a lease that the caller closes or passes on; null when there is no room
   */
  @Nullable Lease allocate(long bytes);
}
