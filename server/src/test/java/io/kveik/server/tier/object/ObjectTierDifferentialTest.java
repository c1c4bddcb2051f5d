package io.kveik.server.tier.object;

import io.kveik.server.tier.Tier;
import io.kveik.server.tier.TierDifferential;
import java.net.URI;

class ObjectTierDifferentialTest extends TierDifferential {
  ObjectTierDifferentialTest() {
    super(10_000);
  }

  @Override
  protected Tier openTier() {
    return TestContainers.tier(
        new MemoryBlobStore(),
        new TestContainers(new BlobContainer("account", URI.create("memory:/"), "container")));
  }
}
