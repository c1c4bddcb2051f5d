package io.kveik.server.tier.s3;

import java.time.Duration;
import software.amazon.awssdk.auth.credentials.AwsCredentialsProvider;
import software.amazon.awssdk.auth.credentials.DefaultCredentialsProvider;
import software.amazon.awssdk.auth.credentials.ProfileCredentialsProvider;
import software.amazon.awssdk.core.checksums.RequestChecksumCalculation;
import software.amazon.awssdk.core.checksums.ResponseChecksumValidation;
import software.amazon.awssdk.http.apache5.Apache5HttpClient;
import software.amazon.awssdk.profiles.ProfileFile;
import software.amazon.awssdk.profiles.ProfileFileSupplier;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.retries.DefaultRetryStrategy;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.S3ClientBuilder;
import software.amazon.awssdk.services.s3.S3Configuration;

/** Makes the SDK's client as the tier needs it: one try per call, no checksums of the SDK's own. */
final class S3Clients {
  /** Shorter than any store closes an idle connection. */
  private static final Duration MAX_IDLE = Duration.ofSeconds(4);

  private S3Clients() {}

  static S3Client create(S3Options options) {
    Duration connectTimeout = Duration.ofMillis(options.connectTimeoutMillis());
    S3ClientBuilder builder =
        S3Client.builder()
            .region(Region.of(options.region()))
            .credentialsProvider(credentials(options.credentials()))
            .forcePathStyle(options.pathStyle())
            // Blocks have their own CRC32C, checked at both ends, and stores that are not AWS
            // stumble over the SDK's trailers.
            .requestChecksumCalculation(RequestChecksumCalculation.WHEN_REQUIRED)
            .responseChecksumValidation(ResponseChecksumValidation.WHEN_REQUIRED)
            .serviceConfiguration(S3Clients::putsAtOnce)
            .overrideConfiguration(
                client -> client.retryStrategy(DefaultRetryStrategy.doNotRetry()))
            .httpClientBuilder(
                Apache5HttpClient.builder()
                    .maxConnections(options.connections())
                    .connectionTimeout(connectTimeout)
                    .connectionAcquisitionTimeout(connectTimeout)
                    .connectionMaxIdleTime(MAX_IDLE)
                    .expectContinueEnabled(false)
                    .tcpKeepAlive(true));
    options.endpoint().ifPresent(builder::endpointOverride);
    return builder.build();
  }

  /**
   * Puts that begin with the body and not with a question or a pass over it.
   *
   * <p>Over plain HTTP the SDK's signature covers the payload. Chunk by chunk it does so while the
   * body is sent and received; as one, the client hashes all of it before it sends the first byte,
   * and a store keeps all of it until the last has come. Over TLS the payload is not signed, and
   * nothing is chunked.
   *
   * <p>Bodies of 1 MiB and more would be announced by {@code Expect: 100-continue}, whatever the
   * HTTP client is told, which takes a round trip of every put to spare the body of a refused one.
   */
  private static void putsAtOnce(S3Configuration.Builder service) {
    service.chunkedEncodingEnabled(true).expectContinueEnabled(false);
  }

  private static AwsCredentialsProvider credentials(S3Options.Credentials credentials) {
    return switch (credentials) {
      case S3Options.Credentials.DefaultChain() -> DefaultCredentialsProvider.builder().build();
      case S3Options.Credentials.ProfileFile(var file, var profile) ->
          ProfileCredentialsProvider.builder()
              .profileFile(
                  ProfileFileSupplier.reloadWhenModified(file, ProfileFile.Type.CREDENTIALS))
              .profileName(profile)
              .build();
    };
  }
}
