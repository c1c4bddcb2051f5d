package io.kveik.server.tier.object;

import io.kveik.server.codec.CodecKind;
import io.kveik.server.tier.Tier;
import io.kveik.server.tier.TierDifferential;
import java.net.URI;
import java.util.List;

/**
 * A server with each codec over one store, taken in turn: what one has encoded the others decode.
 */
class ObjectTierCodecDifferentialTest extends TierDifferential {
  private static final List<CodecKind> CODECS = List.of(CodecKind.values());

  private final MemoryBlobStore store = new MemoryBlobStore();
  private final TestContainers containers =
      new TestContainers(new BlobContainer("account", URI.create("memory:/"), "container"));
  private int starts;

  ObjectTierCodecDifferentialTest() {
    super(10_000);
  }

  @Override
  protected Tier openTier() {
    CodecKind kind = CODECS.get(starts++ % CODECS.size());
    return TestContainers.tier(store, containers, kind);
  }

  /** The old one stays open, since a tier closes its store; the new one learns what is there. */
  @Override
  protected Tier reopen(Tier tier) {
    Tier next = openTier();
    next.scan(header -> {});
    return next;
  }

  @Override
  protected long leastStoredBytes(long bodyBytes) {
    return bodyBytes / Byte.SIZE;
  }
}
