package io.kveik.server.tier.object;

import io.kveik.server.block.Fingerprint;
import java.util.Collection;
import java.util.List;
import java.util.Optional;

/** Tells where the blobs of a namespace are. Any thread, no I/O. */
@FunctionalInterface
public interface BlobContainers {
  /** Empty for a namespace that no request of late has named: its blobs are out of reach. */
  Optional<BlobContainer> of(Fingerprint namespace);

  /** The namespaces that it can tell of now; none where it can't enumerate them. */
  default Collection<Fingerprint> known() {
    return List.of();
  }
}
