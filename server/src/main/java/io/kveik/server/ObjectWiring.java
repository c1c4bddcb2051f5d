package io.kveik.server;

import io.kveik.server.config.CodecSettings;
import io.kveik.server.config.ConfigException;
import io.kveik.server.config.Configuration;
import io.kveik.server.config.ObjectSettings;
import io.kveik.server.config.S3Settings;
import io.kveik.server.runtime.Clock;
import io.kveik.server.runtime.Randomness;
import io.kveik.server.runtime.Scheduler;
import io.kveik.server.runtime.Workers;
import io.kveik.server.telemetry.Meters;
import io.kveik.server.tenant.AccountResolver;
import io.kveik.server.tenant.Namespaces;
import io.kveik.server.tier.azure.AzureBlobStore;
import io.kveik.server.tier.object.BlobContainer;
import io.kveik.server.tier.object.BlobContainers;
import io.kveik.server.tier.object.BlobStore;
import io.kveik.server.tier.object.ObjectTier;
import io.kveik.server.tier.object.ObjectTierOptions;
import io.kveik.server.tier.object.resilient.ResilienceOptions;
import io.kveik.server.tier.object.resilient.ResilientBlobStore;
import io.kveik.server.tier.s3.S3BlobStore;
import io.kveik.server.tier.s3.S3Options;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** Makes the shared tier from a configuration; each vendor's store is named here. */
final class ObjectWiring {
  private ObjectWiring() {}

  /** Empty with {@code object.store=none}. Asks nothing of the store, which may be down. */
  static Optional<ObjectStorage> open(
      Configuration config,
      AccountResolver accounts,
      Namespaces namespaces,
      Meters meters,
      Scheduler scheduler,
      Clock clock) {
    String store = config.text(ObjectSettings.STORE);
    return switch (store) {
      case "none" -> Optional.empty();
      case "azure" -> {
        AzureBlobStore azure = AzureWiring.open(config, accounts, clock);
        AzureWiring.bind(azure, meters);
        yield Optional.of(
            storage(
                config,
                azure,
                ObjectStorage.containers(namespaces, home -> home.account().endpoint()),
                AzureWiring.probes(accounts),
                scheduler,
                clock));
      }
      case "s3" -> {
        S3Options options = s3(config);
        URI endpoint = options.endpoint().orElse(URI.create("s3://" + options.region()));
        yield Optional.of(
            storage(
                config,
                S3BlobStore.open(options),
                ObjectStorage.containers(namespaces, _ -> endpoint),
                List.of(ObjectStorage.probe("kveik", endpoint)),
                scheduler,
                clock));
      }
      default -> throw new IllegalStateException("object.store: " + store);
    };
  }

  private static ObjectStorage storage(
      Configuration config,
      BlobStore vendors,
      BlobContainers containers,
      List<BlobContainer> probes,
      Scheduler scheduler,
      Clock clock) {
    int concurrency = config.count(ObjectSettings.CONCURRENCY);
    // Hedges and tries that were left behind run beside the calls.
    int threads = concurrency + concurrency / 4 + 1;
    ResilientBlobStore store =
        new ResilientBlobStore(
            vendors,
            resilience(config),
            new Workers("object", threads, threads),
            scheduler,
            clock,
            Randomness::below);
    ObjectTierOptions options =
        new ObjectTierOptions(
            config.number(ObjectSettings.FIND_MILLIS),
            config.number(ObjectSettings.READ_MILLIS),
            config.number(ObjectSettings.WRITE_MILLIS),
            config.count(ObjectSettings.QUARANTINE),
            config.count(ObjectSettings.KNOWN_BLOCKS),
            CodecWiring.options(config, CodecSettings.OBJECT));
    ObjectTier tier = new ObjectTier(store, containers, options, store::reachable);
    return new ObjectStorage(tier, store, containers, probes);
  }

  private static ResilienceOptions resilience(Configuration config) {
    return new ResilienceOptions(
        config.number(ObjectSettings.TRY_MILLIS),
        config.number(ObjectSettings.WRITE_TRY_MILLIS),
        config.count(ObjectSettings.TRIES),
        config.count(ObjectSettings.EXTRA_TRIES_PERCENT),
        config.number(ObjectSettings.BACKOFF_MILLIS),
        config.number(ObjectSettings.BACKOFF_MAX_MILLIS),
        config.number(ObjectSettings.HEDGE_MIN_MILLIS),
        config.on(ObjectSettings.HEDGE),
        new ResilienceOptions.Breaker(
            config.count(ObjectSettings.BREAKER_FAILURES),
            config.number(ObjectSettings.BREAKER_SILENCE_MILLIS),
            config.number(ObjectSettings.BREAKER_PAUSE_MILLIS),
            config.number(ObjectSettings.BREAKER_PAUSE_MAX_MILLIS)),
        config.count(ObjectSettings.CONCURRENCY_MIN),
        config.count(ObjectSettings.CONCURRENCY),
        config.count(ObjectSettings.WAITERS),
        config.count(ObjectSettings.ACCOUNTS));
  }

  private static S3Options s3(Configuration config) {
    String bucket = config.text(S3Settings.BUCKET);
    if (!bucket.matches("[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]")) {
      throw new ConfigException(
          "s3.bucket: '"
              + bucket
              + "', must be a bucket's name (3 to 63 lower-case letters, digits, dots, hyphens)");
    }
    Optional<URI> endpoint = s3Endpoint(config.text(S3Settings.ENDPOINT));
    return new S3Options(
        endpoint,
        config.text(S3Settings.REGION),
        bucket,
        switch (config.text(S3Settings.PATH_STYLE)) {
          case "on" -> true;
          case "off" -> false;
          default -> endpoint.isPresent();
        },
        s3Credentials(config),
        config.count(ObjectSettings.CONCURRENCY),
        config.number(S3Settings.CONNECT_MILLIS));
  }

  private static Optional<URI> s3Endpoint(String text) {
    if (text.isEmpty()) {
      return Optional.empty();
    }
    try {
      URI uri = new URI(text);
      boolean web = "http".equals(uri.getScheme()) || "https".equals(uri.getScheme());
      if (web
          && uri.getHost() != null
          && uri.getUserInfo() == null
          && uri.getQuery() == null
          && uri.getFragment() == null) {
        return Optional.of(uri);
      }
    } catch (URISyntaxException e) {
      // Says the same as below.
    }
    throw new ConfigException(
        "s3.endpoint: must be http(s)://HOST[:PORT], without user, query and fragment");
  }

  private static S3Options.Credentials s3Credentials(Configuration config) {
    String file = config.text(S3Settings.CREDENTIALS_FILE);
    if (file.isEmpty()) {
      return new S3Options.Credentials.DefaultChain();
    }
    Path path = Path.of(file);
    if (!Files.isReadable(path)) {
      throw new ConfigException("s3.credentials-file: '" + file + "' can't be read");
    }
    return new S3Options.Credentials.ProfileFile(path, config.text(S3Settings.PROFILE));
  }
}
