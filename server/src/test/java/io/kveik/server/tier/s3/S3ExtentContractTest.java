package io.kveik.server.tier.s3;

import io.kveik.server.codec.CodecKind;
import io.kveik.server.tier.Tier;
import io.kveik.server.tier.TierContract;
import io.kveik.server.tier.object.TestContainers;
import io.kveik.server.tier.object.extent.TestExtents;
import org.junit.jupiter.api.extension.RegisterExtension;

/** The contract, each small block in an extent. */
class S3ExtentContractTest extends TierContract {
  @RegisterExtension static final SharedS3Server SERVER = new SharedS3Server();

  @Override
  protected Tier openTier() {
    return TestExtents.tier(
        S3BlobStore.open(SERVER.get().options()),
        new TestContainers(SERVER.get().newContainer()),
        CodecKind.NONE);
  }
}
