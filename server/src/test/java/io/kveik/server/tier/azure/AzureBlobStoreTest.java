package io.kveik.server.tier.azure;

import io.kveik.server.tier.object.BlobContainer;
import io.kveik.server.tier.object.BlobStore;
import io.kveik.server.tier.object.BlobStoreContract;
import java.io.IOException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;

/** The contract over HTTP, through Reactor Netty. */
class AzureBlobStoreTest extends BlobStoreContract {
  private static Azurite azurite;

  @BeforeAll
  static void start() throws Exception {
    azurite = Azurite.http();
  }

  @AfterAll
  static void stop() throws Exception {
    if (azurite != null) {
      azurite.close();
    }
  }

  @Override
  protected BlobStore openStore() throws IOException {
    return TestStores.open(TestStores.options());
  }

  @Override
  protected BlobContainer newContainer() {
    return azurite.newContainer();
  }

  @Override
  protected BlobStore openUnreachable() throws IOException {
    return TestStores.open(TestStores.options().from(TestStores.NOT_OURS));
  }
}
