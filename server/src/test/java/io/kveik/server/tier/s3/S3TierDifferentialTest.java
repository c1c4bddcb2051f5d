package io.kveik.server.tier.s3;

import io.kveik.server.tier.Tier;
import io.kveik.server.tier.TierDifferential;
import io.kveik.server.tier.object.TestContainers;
import org.junit.jupiter.api.extension.RegisterExtension;

class S3TierDifferentialTest extends TierDifferential {
  @RegisterExtension static final SharedS3Server SERVER = new SharedS3Server();

  S3TierDifferentialTest() {
    super(1_000);
  }

  @Override
  protected Tier openTier() {
    return TestContainers.tier(
        S3BlobStore.open(SERVER.get().options()), new TestContainers(SERVER.get().newContainer()));
  }
}
