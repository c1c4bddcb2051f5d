package io.kveik.server.tenant;

import java.net.URI;
import java.util.Optional;

/**
 * The original's resolver: every resource name is an account of its own, at its name plus a DNS
 * suffix, and a tenant of its own. Needs no registry; for one customer's private server.
 */
public final class InMemoryAccountResolver implements AccountResolver {
  private final String blobDnsSuffix;

  /**
   * @param blobDnsSuffix with or without its leading dot
   */
  public InMemoryAccountResolver(String blobDnsSuffix) {
    this.blobDnsSuffix = blobDnsSuffix.startsWith(".") ? blobDnsSuffix : "." + blobDnsSuffix;
  }

  @Override
  public Optional<Account> resolve(String resourceName) {
    return Optional.of(
        new Account(
            resourceName,
            resourceName,
            StorageKind.AZURE,
            URI.create("https://" + resourceName + blobDnsSuffix),
            new CredentialReference.PlatformDefault()));
  }
}
