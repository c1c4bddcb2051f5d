package io.kveik.server.codec;

import io.kveik.server.memory.Lease;
import org.jspecify.annotations.Nullable;

/** Gives the memory that payloads are encoded into. */
@FunctionalInterface
public interface EncodeBuffers {
  /**
   * @param bytes at least 1
   * @return a lease on as many bytes or more, passed on or closed; null when there is no room
   */
  @Nullable Lease allocate(long bytes);
}
