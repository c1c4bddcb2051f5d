package io.kveik.server.tier.object;

import io.kveik.server.block.Fingerprint;
import io.kveik.server.codec.CodecKind;
import io.kveik.server.codec.CodecOptions;
import java.util.Collection;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** All namespaces in one container, and known from when they were first asked for. */
public final class TestContainers implements BlobContainers {
  private final BlobContainer container;
  private final Set<Fingerprint> asked = ConcurrentHashMap.newKeySet();

  public TestContainers(BlobContainer container) {
    this.container = container;
  }

  @Override
  public Optional<BlobContainer> of(Fingerprint namespace) {
    asked.add(namespace);
    return Optional.of(container);
  }

  @Override
  public Collection<Fingerprint> known() {
    return asked;
  }

  /** A tier over the store whose limits no test runs into. */
  public static ObjectTier tier(BlobStore store, BlobContainers containers) {
    return tier(store, containers, CodecKind.NONE);
  }

  /** The same, with a codec. */
  public static ObjectTier tier(BlobStore store, BlobContainers containers, CodecKind codec) {
    return new ObjectTier(
        store,
        containers,
        new ObjectTierOptions(10_000, 10_000, 10_000, 10, 100_000, CodecOptions.of(codec)),
        _ -> true);
  }
}
