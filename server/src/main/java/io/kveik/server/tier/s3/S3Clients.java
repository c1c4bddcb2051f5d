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
            // Nor are bodies signed chunk by chunk over plain HTTP: a store that refuses one before
            // it has read it all (S3Proxy on 412) hangs up, and Exists would become Failed.
            .serviceConfiguration(service -> service.chunkedEncodingEnabled(false))
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
