package io.kveik.server.tier.object;

import io.kveik.server.tier.Tier;
import io.kveik.server.tier.TierContract;
import java.net.URI;

class ObjectTierContractTest extends TierContract {
  @Override
  protected Tier openTier() {
    return TestContainers.tier(
        new MemoryBlobStore(),
        new TestContainers(new BlobContainer("account", URI.create("memory:/"), "container")));
  }
}
