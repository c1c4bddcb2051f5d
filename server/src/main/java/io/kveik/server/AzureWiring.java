package io.kveik.server;

import io.kveik.server.config.AzureSettings;
import io.kveik.server.config.ConfigException;
import io.kveik.server.config.Configuration;
import io.kveik.server.config.Settings;
import io.kveik.server.runtime.Clock;
import io.kveik.server.telemetry.Meters;
import io.kveik.server.tenant.Account;
import io.kveik.server.tenant.AccountResolver;
import io.kveik.server.tenant.CredentialReference;
import io.kveik.server.tenant.EndpointRules;
import io.kveik.server.tenant.StorageKind;
import io.kveik.server.tier.azure.AzureBlobStore;
import io.kveik.server.tier.azure.AzureCredential;
import io.kveik.server.tier.azure.AzureOptions;
import io.kveik.server.tier.azure.SourceAddresses;
import io.kveik.server.tier.azure.SourceStatus;
import io.kveik.server.tier.object.BlobContainer;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Makes the Azure store from a configuration. */
final class AzureWiring {
  private static final Logger LOG = LoggerFactory.getLogger(AzureWiring.class);
  private static final int MAX_PROBES = 16;

  private AzureWiring() {}

  /**
   * The store; connects to nothing yet, so a storage that is down does not keep it from starting.
   */
  static AzureBlobStore open(Configuration config, AccountResolver accounts, Clock clock) {
    AzureOptions options = options(config);
    if (!options.sources().isEmpty()) {
      LOG.info("calls to Azure come from {} in turn", options.sources());
    }
    try {
      return AzureBlobStore.open(
          options,
          container ->
              accounts
                  .resolve(container.account())
                  .filter(account -> account.kind() == StorageKind.AZURE)
                  .map(AzureWiring::credential),
          clock);
    } catch (IOException e) {
      throw new ConfigException(AzureSettings.TRUSTED_CERTIFICATE.key() + ": " + e.getMessage());
    }
  }

  /** The first accounts of the file, to be asked at the start; others show when they are used. */
  static List<BlobContainer> probes(AccountResolver accounts) {
    return accounts.known().stream()
        .filter(account -> account.kind() == StorageKind.AZURE)
        .limit(MAX_PROBES)
        .map(account -> ObjectStorage.probe(account.resourceName(), account.endpoint()))
        .toList();
  }

  /** What each source address does, as meters. */
  static void bind(AzureBlobStore store, Meters meters) {
    for (int i = 0; i < store.sources().size(); i++) {
      int source = i;
      meters
          .of(() -> store.sources().get(source))
          .labelled("source", store.sources().get(source).address())
          .counter("kveik.azure.calls", "Requests from it.", SourceStatus::calls)
          .counter("kveik.azure.connect.failures", "Not connected.", SourceStatus::connectFailures)
          .gauge("kveik.azure.source.resting", "1: left out now.", one -> one.resting() ? 1 : 0);
    }
  }

  private static AzureOptions options(Configuration config) {
    AzureOptions.Limits limits =
        new AzureOptions.Limits(
            config.count(AzureSettings.CLIENTS),
            config.count(AzureSettings.CONNECTIONS),
            config.count(AzureSettings.PENDING),
            config.count(AzureSettings.EVENT_LOOPS),
            config.number(AzureSettings.CONNECT_MILLIS),
            config.number(AzureSettings.IDLE_MILLIS),
            config.number(AzureSettings.STALL_MILLIS),
            config.number(AzureSettings.DNS_CACHE_MILLIS),
            config.number(AzureSettings.SOURCE_REST_MILLIS));
    AzureOptions options =
        AzureOptions.of(limits)
            .with(
                config.text(Settings.TRANSPORT).equals("winhttp")
                    ? AzureOptions.Stack.JDK
                    : AzureOptions.Stack.NETTY)
            .from(sources(config))
            .forbidding(EndpointRules::isForbidden)
            .creatingContainers(config.on(AzureSettings.CREATE_CONTAINERS));
    String certificate = config.text(AzureSettings.TRUSTED_CERTIFICATE);
    return certificate.isEmpty() ? options : options.trusting(Path.of(certificate));
  }

  private static List<InetAddress> sources(Configuration config) {
    if (config.on(Settings.DISABLE_MULTI_NIC)) {
      return List.of();
    }
    String text = config.text(AzureSettings.SOURCE_ADDRESSES);
    return text.isBlank()
        ? SourceAddresses.discover()
        : Arrays.stream(text.split(",")).map(String::strip).map(AzureWiring::address).toList();
  }

  private static InetAddress address(String text) {
    try {
      return InetAddress.ofLiteral(text);
    } catch (IllegalArgumentException e) {
      throw new ConfigException(
          AzureSettings.SOURCE_ADDRESSES.key() + ": '" + text + "', must be addresses in numbers");
    }
  }

  private static AzureCredential credential(Account account) {
    return switch (account.credential()) {
      case CredentialReference.PlatformDefault() -> new AzureCredential.PlatformDefault();
      case CredentialReference.ManagedIdentity(var clientId) ->
          new AzureCredential.ManagedIdentity(clientId);
      case CredentialReference.Sas(var token) -> new AzureCredential.Sas(token::read);
      case CredentialReference.ConnectionString(var text) ->
          new AzureCredential.ConnectionString(text::read);
      case CredentialReference.SharedKey(String name, var key) ->
          new AzureCredential.SharedKey(name, key::read);
    };
  }
}
