package io.kveik.server.tier.azure;

import io.kveik.server.tier.object.BlobStore;
import java.io.IOException;

/** The contract through the JDK's HTTP client. */
class AzureJdkStackTest extends AzureBlobStoreTest {
  @Override
  protected BlobStore openStore() throws IOException {
    return TestStores.open(TestStores.options().with(AzureOptions.Stack.JDK));
  }

  @Override
  protected BlobStore openUnreachable() throws IOException {
    return TestStores.open(
        TestStores.options().with(AzureOptions.Stack.JDK).from(TestStores.NOT_OURS));
  }
}
