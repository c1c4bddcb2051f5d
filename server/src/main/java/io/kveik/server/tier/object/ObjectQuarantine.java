package io.kveik.server.tier.object;

import io.kveik.server.memory.Lease;
import io.kveik.server.tier.BlockBuffers;
import io.kveik.server.tier.BlockChecks;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;

/**
 * Takes blobs that failed a check out of reach: a copy goes to {@code quarantine/} in the same
 * container for inspection, as far as there is memory for it and the limit allows, and the blob is
 * deleted whether or not the copy came about. Any thread; blocks on the network.
 */
final class ObjectQuarantine {
  private static final Map<String, String> NO_METADATA = Map.of();

  private final BlobStore store;
  private final int limit;
  private final long timeoutMillis;
  private final AtomicInteger copies = new AtomicInteger();
  private final LongAdder taken = new LongAdder();

  ObjectQuarantine(BlobStore store, int limit, long timeoutMillis) {
    this.store = store;
    this.limit = limit;
    this.timeoutMillis = timeoutMillis;
  }

  /** False when the blob could not be deleted: it will fail the same check again. */
  boolean take(BlobName blob, BlockBuffers buffers) {
    taken.increment();
    if (copies.getAndIncrement() < limit) {
      copyAside(blob, buffers);
    }
    return store.delete(blob, timeoutMillis) instanceof BlobOutcome.Deleted;
  }

  long takenTotal() {
    return taken.sum();
  }

  private void copyAside(BlobName blob, BlockBuffers buffers) {
    BlobSink sink =
        (_, length) ->
            length > BlockChecks.MAX_BODY_BYTES ? null : buffers.allocate(Math.max(1, length));
    if (!(store.get(blob, sink, timeoutMillis) instanceof BlobOutcome.Fetched fetched)) {
      return;
    }
    try (Lease body = fetched.body()) {
      BlobName aside =
          new BlobName(blob.container(), ObjectBlobDescriptor.quarantinePath(blob.path()));
      var bytes = body.segment().asSlice(0, fetched.length());
      BlobOutcome.Put copied = store.replace(aside, fetched.metadata(), bytes, timeoutMillis);
      if (copied instanceof BlobOutcome.Failed) {
        // The metadata itself may be what the store refuses.
        store.replace(aside, NO_METADATA, bytes, timeoutMillis);
      }
    }
  }
}
