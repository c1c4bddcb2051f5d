package io.kveik.server.tier.s3;

import io.kveik.server.codec.CodecKind;
import io.kveik.server.tier.Tier;
import io.kveik.server.tier.TierContract;
import io.kveik.server.tier.object.TestContainers;
import io.kveik.server.tier.object.extent.TestExtents;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;

/** The contract, each small block in an extent. */
class S3ExtentContractTest extends TierContract {
  @TempDir static Path directory;
  private static S3TestServer server;

  @BeforeAll
  static void start() throws IOException {
    server = S3TestServer.start(directory);
  }

  @AfterAll
  static void stop() throws IOException {
    server.close();
  }

  @Override
  protected Tier openTier() {
    return TestExtents.tier(
        S3BlobStore.open(server.options()),
        new TestContainers(server.newContainer()),
        CodecKind.NONE);
  }
}
