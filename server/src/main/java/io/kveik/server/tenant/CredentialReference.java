package io.kveik.server.tenant;

import java.util.Optional;

/** How this server is let into an account, without the secret that it may take. */
public sealed interface CredentialReference {
  /** Whatever the platform offers the process. */
  record PlatformDefault() implements CredentialReference {}

  /**
   * The identity of the machine or pod; Azure only.
   *
   * @param clientId names one of several; empty for the system's own
   */
  record ManagedIdentity(Optional<String> clientId) implements CredentialReference {}

  /** A shared access signature; Azure only. */
  record Sas(SecretReference token) implements CredentialReference {}

  /** A connection string; Azure only, and nothing but its credential is used. */
  record ConnectionString(SecretReference text) implements CredentialReference {}

  /**
   * A key with a name.
   *
   * @param name of the storage account (Azure) or of the access key (S3)
   */
  record SharedKey(String name, SecretReference key) implements CredentialReference {}
}
