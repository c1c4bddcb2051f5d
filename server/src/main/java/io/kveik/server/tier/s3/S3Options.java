package io.kveik.server.tier.s3;

import java.net.URI;
import java.nio.file.Path;
import java.util.Optional;

/**
 * How the S3 store is reached.
 *
 * @param endpoint of an S3-compatible store; empty: AWS, by region
 * @param region of the bucket; what signatures name for stores that have none
 * @param bucket exists already; all containers share it, each under {@code account/container/}
 * @param pathStyle the bucket in the path instead of the host name
 * @param credentials how requests are signed
 * @param connections open at a time
 * @param connectTimeoutMillis for a connection and its TLS handshake
 */
public record S3Options(
    Optional<URI> endpoint,
    String region,
    String bucket,
    boolean pathStyle,
    Credentials credentials,
    int connections,
    long connectTimeoutMillis) {

  /** Where keys come from; read by the SDK itself, never held or logged here. */
  public sealed interface Credentials {
    /**
     * Environment, profile files, web identity, container and instance role, in the SDK's order.
     */
    record DefaultChain() implements Credentials {}

    /** One profile of a file in the AWS format; read again when it changes. */
    record ProfileFile(Path file, String profile) implements Credentials {}
  }
}
