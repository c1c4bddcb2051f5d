package io.kveik.server.tier.object;

import io.kveik.server.block.Fingerprint;
import io.kveik.server.codec.CodecKind;
import io.kveik.server.codec.CodecOptions;
import java.util.Collection;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * All namespaces in one container, and known from when they were first asked for, or only from when
 * a request has named them, as on a real server.
 */
public final class TestContainers implements BlobContainers {
  private final BlobContainer container;
  private final Set<Fingerprint> asked = ConcurrentHashMap.newKeySet();

  private final boolean placesAll;

  public TestContainers(BlobContainer container) {
    this(container, true);
  }

  private TestContainers(BlobContainer container, boolean placesAll) {
    this.container = container;
    this.placesAll = placesAll;
  }

  /** Those of a server that no request has come to yet. */
  public static TestContainers placingWhatIsNamed(BlobContainer container) {
    return new TestContainers(container, false);
  }

  /** What a request for it does. */
  public void name(Fingerprint namespace) {
    asked.add(namespace);
  }

  /** What a bounded cache does. */
  public void forget(Fingerprint namespace) {
    asked.remove(namespace);
  }

  @Override
  public Optional<BlobContainer> of(Fingerprint namespace) {
    if (placesAll) {
      asked.add(namespace);
    }
    return asked.contains(namespace) ? Optional.of(container) : Optional.empty();
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
