package io.kveik.server.cache;

import io.kveik.server.block.BlockHeader;
import io.kveik.server.block.BlockRef;
import io.kveik.server.block.Fingerprint;

/**
 * What a tier has yet to remove of what was deleted. It speaks of blocks that were written up to
 * the deletion: the same block stored again afterwards is another.
 */
public sealed interface OwedRemoval {
  /** The tier's name. */
  String tier();

  /** Whose block it is, or blocks. */
  Fingerprint namespace();

  /** The latest time of writing it speaks of, epoch milliseconds. */
  long writtenUpToMillis();

  /** One block. */
  record OfBlock(String tier, BlockRef block, long writtenUpToMillis) implements OwedRemoval {
    @Override
    public Fingerprint namespace() {
      return block.namespace();
    }
  }

  /** All blocks of a namespace. */
  record OfNamespace(String tier, Fingerprint namespace, long writtenUpToMillis)
      implements OwedRemoval {}

  /** True when that block, found in the tier, must be removed and not be served. */
  default boolean covers(BlockHeader header) {
    boolean named =
        switch (this) {
          case OfBlock(_, BlockRef block, _) -> block.equals(header.ref());
          case OfNamespace(_, Fingerprint namespace, _) -> namespace.equals(header.namespace());
        };
    return named && header.writtenAtMillis() <= writtenUpToMillis();
  }
}
