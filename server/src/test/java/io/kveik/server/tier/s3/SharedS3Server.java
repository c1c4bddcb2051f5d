package io.kveik.server.tier.s3;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/** An {@link S3TestServer} that the tests of one class share. */
final class SharedS3Server implements BeforeAllCallback, AfterAllCallback {
  private @Nullable Path directory;
  private @Nullable S3TestServer server;

  @Override
  public void beforeAll(ExtensionContext context) throws IOException {
    directory = Files.createTempDirectory("kveik-s3-");
    server = S3TestServer.start(directory);
  }

  /** While tests of the class run. */
  S3TestServer get() {
    return Objects.requireNonNull(server, "not started");
  }

  @Override
  public void afterAll(ExtensionContext context) throws IOException {
    if (server != null) {
      server.close();
    }
    if (directory != null) {
      Files.deleteIfExists(S3TestServer.credentialsFile(directory));
      Files.delete(directory);
    }
  }
}
