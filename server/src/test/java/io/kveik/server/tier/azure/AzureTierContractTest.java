package io.kveik.server.tier.azure;

import io.kveik.server.tier.Tier;
import io.kveik.server.tier.TierContract;
import io.kveik.server.tier.object.TestContainers;
import java.io.IOException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;

class AzureTierContractTest extends TierContract {
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
    return TestContainers.tier(
        TestStores.open(TestStores.options()), new TestContainers(azurite.newContainer()));
  }
}
