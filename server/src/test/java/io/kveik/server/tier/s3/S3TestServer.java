package io.kveik.server.tier.s3;

import io.kveik.server.tier.object.BlobContainer;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.gaul.s3proxy.S3Proxy;
import org.gaul.s3proxy.auth.AuthenticationType;
import org.gaul.s3proxy.nio2blob.TransientNio2BlobStore;
import software.amazon.awssdk.services.s3.S3Client;

/** S3Proxy in this process, in memory, checking signatures; and options that reach it. */
public final class S3TestServer implements AutoCloseable {
  public static final String BUCKET = "kveik-test";
  public static final String PROFILE = "kveik";
  private static final String ACCESS_KEY = "test-access-key";

  /** Tests look for it where no secret may appear. */
  static final String SECRET_KEY = "test-secret-key-THAT-NOBODY-MAY-LOG";

  private final Path credentialsFile;
  private final S3Proxy proxy;
  private final AtomicInteger containers = new AtomicInteger();

  private S3TestServer(Path directory, int port) throws IOException {
    this.credentialsFile = writeCredentials(directory);
    this.proxy =
        S3Proxy.builder()
            .blobStore(new TransientNio2BlobStore())
            .endpoint(URI.create("http://127.0.0.1:" + port))
            .awsAuthentication(AuthenticationType.AWS_V4, ACCESS_KEY, SECRET_KEY)
            .maximumTimeSkew(3_600)
            .build();
    try {
      proxy.start();
    } catch (Exception e) {
      throw new IOException("s3proxy does not start", e);
    }
    try (S3Client client = S3Clients.create(options())) {
      client.createBucket(request -> request.bucket(BUCKET));
    }
  }

  /**
   * Starts one.
   *
   * @param directory where the credentials file goes
   */
  public static S3TestServer start(Path directory) throws IOException {
    return new S3TestServer(directory, 0);
  }

  /** Starts one on a port that the test knows beforehand. */
  public static S3TestServer start(Path directory, int port) throws IOException {
    return new S3TestServer(directory, port);
  }

  /** Where a server in that directory has, or will have, its client's keys. */
  public static Path credentialsFile(Path directory) {
    return directory.resolve("credentials");
  }

  /** Writes the keys that a server takes, which need not run yet. */
  public static Path writeCredentials(Path directory) throws IOException {
    return Files.writeString(
        credentialsFile(directory),
        "[%s]%naws_access_key_id=%s%naws_secret_access_key=%s%n"
            .formatted(PROFILE, ACCESS_KEY, SECRET_KEY));
  }

  public URI endpoint() {
    return URI.create("http://127.0.0.1:" + proxy.getPort());
  }

  public S3Options options() {
    return options(endpoint());
  }

  /** The same by way of another address, such as a proxy's. */
  public S3Options options(URI endpoint) {
    return new S3Options(
        Optional.of(endpoint),
        "us-east-1",
        BUCKET,
        true,
        new S3Options.Credentials.ProfileFile(credentialsFile, PROFILE),
        32,
        2_000);
  }

  /** One that nobody has used. */
  public BlobContainer newContainer() {
    return new BlobContainer("account", endpoint(), "container" + containers.incrementAndGet());
  }

  @Override
  public void close() throws IOException {
    try {
      proxy.stop();
    } catch (Exception e) {
      throw new IOException("s3proxy does not stop", e);
    }
  }
}
