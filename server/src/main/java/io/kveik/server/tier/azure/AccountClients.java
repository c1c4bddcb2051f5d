package io.kveik.server.tier.azure;

import com.azure.core.credential.AzureSasCredential;
import com.azure.core.http.HttpClient;
import com.azure.core.http.policy.HttpLogDetailLevel;
import com.azure.core.http.policy.HttpLogOptions;
import com.azure.identity.DefaultAzureCredentialBuilder;
import com.azure.identity.ManagedIdentityCredentialBuilder;
import com.azure.storage.blob.BlobContainerAsyncClient;
import com.azure.storage.blob.BlobServiceAsyncClient;
import com.azure.storage.blob.BlobServiceClientBuilder;
import com.azure.storage.common.StorageSharedKeyCredential;
import com.azure.storage.common.policy.RequestRetryOptions;
import com.azure.storage.common.policy.RetryPolicyType;
import io.kveik.server.tier.object.BlobContainer;
import java.io.IOException;
import java.time.Duration;
import java.util.Base64;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The SDK's client of each account, made when the account is first used; of those over the limit
 * the least recently used goes. Any thread; making one reads secrets.
 */
final class AccountClients {
  private static final int TRIES = 1;

  /** Longer than any call of ours may take: time limits are the store's. */
  private static final Duration TRY_LIMIT = Duration.ofHours(1);

  private record Account(String name, String endpoint) {}

  private final AzureCredentials credentials;
  private final HttpClient transport;
  private final HttpClient identity;
  private final Map<Account, BlobServiceAsyncClient> clients;

  AccountClients(AzureCredentials credentials, Transports transports, int limit) {
    this.credentials = credentials;
    this.transport = transports.client();
    this.identity = transports.identity();
    this.clients =
        new LinkedHashMap<>(16, 0.75f, true) {
          @Override
          protected boolean removeEldestEntry(Map.Entry<Account, BlobServiceAsyncClient> eldest) {
            return size() > limit;
          }
        };
  }

  /**
   * The client of a container.
   *
   * @throws UnusableAccountException when the account or its secret can't be had
   */
  BlobContainerAsyncClient of(BlobContainer container) throws UnusableAccountException {
    Account account = new Account(container.account(), container.endpoint().toString());
    BlobServiceAsyncClient client;
    synchronized (clients) {
      client = clients.get(account);
    }
    if (client == null) {
      client = open(container);
      synchronized (clients) {
        clients.put(account, client);
      }
    }
    return client.getBlobContainerAsyncClient(ContainerNames.of(container.container()));
  }

  /** Has the account's secret read again for the next call: it may have been renewed. */
  void forget(BlobContainer container) {
    synchronized (clients) {
      clients.remove(new Account(container.account(), container.endpoint().toString()));
    }
  }

  private BlobServiceAsyncClient open(BlobContainer container) throws UnusableAccountException {
    BlobServiceClientBuilder builder =
        new BlobServiceClientBuilder()
            .endpoint(container.endpoint().toString())
            .httpClient(transport)
            .httpLogOptions(new HttpLogOptions().setLogLevel(HttpLogDetailLevel.NONE))
            .retryOptions(
                new RequestRetryOptions(RetryPolicyType.FIXED, TRIES, TRY_LIMIT, null, null, null));
    AzureCredential credential =
        credentials
            .of(container)
            .orElseThrow(
                () -> new UnusableAccountException(container.account(), "it is none of Azure"));
    try {
      return authorised(builder, credential).buildAsyncClient();
    } catch (IOException e) {
      throw new UnusableAccountException(container.account(), "" + e.getMessage());
    } catch (IllegalArgumentException | IllegalStateException e) {
      // What the SDK says may quote what it was given.
      throw new UnusableAccountException(container.account(), "its credential is malformed");
    }
  }

  private BlobServiceClientBuilder authorised(
      BlobServiceClientBuilder builder, AzureCredential credential) throws IOException {
    return switch (credential) {
      case AzureCredential.PlatformDefault() ->
          builder.credential(new DefaultAzureCredentialBuilder().httpClient(identity).build());
      case AzureCredential.ManagedIdentity(var clientId) -> {
        ManagedIdentityCredentialBuilder managed =
            new ManagedIdentityCredentialBuilder().httpClient(identity);
        clientId.ifPresent(managed::clientId);
        yield builder.credential(managed.build());
      }
      case AzureCredential.Sas(AzureSecret token) -> builder.credential(sas(token.read()));
      case AzureCredential.SharedKey(String name, AzureSecret key) ->
          builder.credential(sharedKey(name, key.read()));
      case AzureCredential.ConnectionString(AzureSecret text) -> connected(builder, text.read());
    };
  }

  /** Says at once what the SDK would find out when it signs the first request. */
  private static StorageSharedKeyCredential sharedKey(String name, String key) {
    if (Base64.getDecoder().decode(key).length == 0) {
      throw new IllegalArgumentException("empty key");
    }
    return new StorageSharedKeyCredential(name, key);
  }

  private static AzureSasCredential sas(String token) {
    return new AzureSasCredential(token.startsWith("?") ? token.substring(1) : token);
  }

  private static BlobServiceClientBuilder connected(BlobServiceClientBuilder builder, String text) {
    Map<String, String> parts = new HashMap<>();
    for (String part : text.split(";", -1)) {
      int equals = part.indexOf('=');
      if (equals > 0) {
        parts.put(part.substring(0, equals), part.substring(equals + 1));
      }
    }
    String name = parts.get("AccountName");
    String key = parts.get("AccountKey");
    String token = parts.get("SharedAccessSignature");
    if (name != null && key != null) {
      return builder.credential(sharedKey(name, key));
    }
    if (token != null) {
      return builder.credential(sas(token));
    }
    throw new IllegalArgumentException("neither AccountName and AccountKey nor a SAS");
  }
}
