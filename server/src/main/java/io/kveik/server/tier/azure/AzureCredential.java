package io.kveik.server.tier.azure;

import java.util.Optional;

/** How an account lets this server in. Holds no secret, only where one is read. */
public sealed interface AzureCredential {
  /** Whatever the platform offers: workload identity, managed identity, environment, developer. */
  record PlatformDefault() implements AzureCredential {}

  /**
   * The identity of the virtual machine or pod.
   *
   * @param clientId names one of several; empty for the system's own
   */
  record ManagedIdentity(Optional<String> clientId) implements AzureCredential {}

  /** A shared access signature: the query string, with or without its question mark. */
  record Sas(AzureSecret token) implements AzureCredential {}

  /**
   * A key of the account.
   *
   * @param accountName as the storage knows it
   */
  record SharedKey(String accountName, AzureSecret key) implements AzureCredential {}

  /**
   * A connection string, of which only the account's name and key or its SAS are used: where the
   * storage is, is the registry's to say.
   */
  record ConnectionString(AzureSecret text) implements AzureCredential {}
}
