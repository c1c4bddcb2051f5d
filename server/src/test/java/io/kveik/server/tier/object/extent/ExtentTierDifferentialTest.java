package io.kveik.server.tier.object.extent;

import static org.assertj.core.api.Assertions.assertThat;

import io.kveik.server.codec.CodecKind;
import io.kveik.server.tier.Tier;
import io.kveik.server.tier.TierDifferential;
import io.kveik.server.tier.object.BlobContainer;
import io.kveik.server.tier.object.MemoryBlobStore;
import io.kveik.server.tier.object.TestContainers;
import java.net.URI;

/** Servers over one store, one after the other, with codecs in turn. */
class ExtentTierDifferentialTest extends TierDifferential {
  private final MemoryBlobStore store = new MemoryBlobStore();
  private final TestContainers containers =
      new TestContainers(new BlobContainer("account", URI.create("memory:/"), "container"));
  private int starts;

  ExtentTierDifferentialTest() {
    super(10_000);
  }

  @Override
  protected Tier openTier() {
    CodecKind[] codecs = CodecKind.values();
    return TestExtents.tier(store, containers, codecs[starts++ % codecs.length]);
  }

  /** The old one stays open, since a tier closes its store; the new one learns what is there. */
  @Override
  protected Tier reopen(Tier tier) {
    Tier next = openTier();
    assertThat(next.scan(header -> {})).isTrue();
    return next;
  }

  @Override
  protected long leastStoredBytes(long bodyBytes) {
    return bodyBytes / Byte.SIZE;
  }
}
