package io.kveik.server.tier.object;

import io.kveik.server.memory.Lease;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Gives a fetched blob its place in memory, once its size and metadata are known. Called from
 * whichever thread makes the try, by several at once where a read is hedged.
 */
@FunctionalInterface
public interface BlobSink {
  /**
   * Called once per try, before any byte arrives. Each call gives memory of its own, which no other
   * try ever writes to: so a slow try that lost against a faster one harms nobody.
   *
   * @param metadata names in lower case
   * @param length bytes to come
   * @return a lease on at least that many bytes, which the store hands over in {@link
   *     BlobOutcome.Fetched} or closes once nothing writes to it any more; null to decline
   */
  @Nullable Lease place(Map<String, String> metadata, long length);
}
