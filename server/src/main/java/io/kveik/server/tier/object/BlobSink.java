package io.kveik.server.tier.object;

import java.lang.foreign.MemorySegment;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Gives a fetched blob its place in memory, once its size and metadata are known. */
@FunctionalInterface
public interface BlobSink {
  /**
   * Called once per try, before any byte arrives; a later try may call again and fill the same
   * memory.
   *
   * @param metadata names in lower case
   * @param length bytes to come
   * @return memory of at least that length, off-heap; null to decline
   */
  @Nullable MemorySegment place(Map<String, String> metadata, long length);
}
