package io.kveik.server.tier.azure;

import io.kveik.server.tier.object.BlobContainer;
import java.util.Optional;

/** Tells how to be let into a container's account. Any thread, no I/O. */
@FunctionalInterface
public interface AzureCredentials {
  /** Empty for an account that the registry does not have, or has as another kind of storage. */
  Optional<AzureCredential> of(BlobContainer container);
}
