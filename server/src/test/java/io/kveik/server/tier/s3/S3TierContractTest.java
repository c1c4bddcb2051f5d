package io.kveik.server.tier.s3;

import io.kveik.server.tier.Tier;
import io.kveik.server.tier.TierContract;
import io.kveik.server.tier.object.TestContainers;
import org.junit.jupiter.api.extension.RegisterExtension;

class S3TierContractTest extends TierContract {
  @RegisterExtension static final SharedS3Server SERVER = new SharedS3Server();

  @Override
  protected Tier openTier() {
    return TestContainers.tier(
        S3BlobStore.open(SERVER.get().options()), new TestContainers(SERVER.get().newContainer()));
  }
}
