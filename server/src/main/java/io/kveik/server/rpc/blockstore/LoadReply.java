package io.kveik.server.rpc.blockstore;

import io.kveik.server.tier.StoredBlock;
import io.kveik.wire.nativev1.LoadMiss;

/** An answer of a Load, before it becomes bytes. */
sealed interface LoadReply {
  /**
   * A block or a part of one, still in the tier's own memory. Marshalling copies it to the
   * transport; whoever made the reply closes the block after that.
   */
  record OfBlock(int index, StoredBlock block, long offset, long length) implements LoadReply {}

  /** No block, and why. */
  record OfMiss(int index, LoadMiss.Reason reason) implements LoadReply {}
}
