package io.kveik.server.tier.object;

import io.kveik.server.codec.CodecKind;
import io.kveik.server.tier.Tier;
import io.kveik.server.tier.TierContract;
import java.net.URI;

/** The contract with payloads encoded. */
class ObjectTierCodecContractTest extends TierContract {
  @Override
  protected Tier openTier() {
    return TestContainers.tier(
        new MemoryBlobStore(),
        new TestContainers(new BlobContainer("account", URI.create("memory:/"), "container")),
        CodecKind.ZSTD);
  }

  @Override
  protected long leastStoredBytes(long bodyBytes) {
    return bodyBytes / Byte.SIZE;
  }
}
