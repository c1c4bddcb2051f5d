package io.kveik.server.rpc.v1;

import io.kveik.server.tier.StoredBlock;
import io.kveik.wire.v1.ReadResponse;

/** An answer to a v1 read, before it becomes bytes. */
sealed interface ReadReply {
  /**
   * A block, still in the tier's own memory. Marshalling copies it to the transport; whoever made
   * the reply closes the block after that.
   */
  record OfBlock(StoredBlock block, long storageNanos, long startNanos) implements ReadReply {}

  /** Everything that carries no payload. */
  record Plain(ReadResponse response) implements ReadReply {}
}
