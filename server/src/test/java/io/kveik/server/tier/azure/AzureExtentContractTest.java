package io.kveik.server.tier.azure;

import io.kveik.server.codec.CodecKind;
import io.kveik.server.tier.Tier;
import io.kveik.server.tier.TierContract;
import io.kveik.server.tier.object.TestContainers;
import io.kveik.server.tier.object.extent.TestExtents;
import java.io.IOException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;

/** The contract, each small block in an extent. */
class AzureExtentContractTest extends TierContract {
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
  protected Tier openTier() throws IOException {
    return TestExtents.tier(
        TestStores.open(TestStores.options()),
        new TestContainers(azurite.newContainer()),
        CodecKind.NONE);
  }
}
