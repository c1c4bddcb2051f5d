package io.kveik.server.tier.object.extent;

import io.kveik.server.codec.CodecKind;
import io.kveik.server.tier.Tier;
import io.kveik.server.tier.TierContract;
import io.kveik.server.tier.object.BlobContainer;
import io.kveik.server.tier.object.MemoryBlobStore;
import io.kveik.server.tier.object.TestContainers;
import java.net.URI;

/** The contract, each small block in an extent. */
class ExtentTierContractTest extends TierContract {
  @Override
  protected Tier openTier() {
    return TestExtents.tier(
        new MemoryBlobStore(),
        new TestContainers(new BlobContainer("account", URI.create("memory:/"), "container")),
        CodecKind.NONE);
  }
}
