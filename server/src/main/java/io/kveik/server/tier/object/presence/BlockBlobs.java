package io.kveik.server.tier.object.presence;

import io.kveik.server.block.BlockKey;
import java.util.Optional;

/** Which blobs of a container are blocks, for whoever lists them. */
public interface BlockBlobs {
  /** What the paths of all blocks begin with. */
  String prefix();

  /** The block whose blob has that path; empty for anything else. */
  Optional<BlockKey> keyOf(String path);
}
