package io.kveik.server;

import io.kveik.server.block.Fingerprint;
import io.kveik.server.runtime.Scheduler;
import io.kveik.server.runtime.Workers;
import io.kveik.server.tenant.NamespaceHome;
import io.kveik.server.tenant.Namespaces;
import io.kveik.server.tier.object.BlobContainer;
import io.kveik.server.tier.object.BlobContainers;
import io.kveik.server.tier.object.BlobFailure;
import io.kveik.server.tier.object.BlobName;
import io.kveik.server.tier.object.BlobOutcome;
import io.kveik.server.tier.object.ObjectTier;
import io.kveik.server.tier.object.resilient.ResilientBlobStore;
import java.net.URI;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The object tier of a server with what it stands on.
 *
 * @param tier closes the store
 * @param containers where a namespace's blobs are
 * @param probes what is asked to learn whether the storage is there, an endpoint each
 */
record ObjectStorage(
    ObjectTier tier,
    ResilientBlobStore store,
    BlobContainers containers,
    List<BlobContainer> probes) {
  private static final Logger LOG = LoggerFactory.getLogger(ObjectStorage.class);
  private static final long CHECK_MILLIS = 5_000;

  /** Containers as requests name them, at the endpoint that the account says or the tier has. */
  static BlobContainers containers(Namespaces namespaces, Function<NamespaceHome, URI> endpoint) {
    return new BlobContainers() {
      @Override
      public Optional<BlobContainer> of(Fingerprint namespace) {
        return namespaces
            .home(namespace)
            .map(home ->
                new BlobContainer(
                    home.account().resourceName(), endpoint.apply(home), home.container()));
      }

      @Override
      public Collection<Fingerprint> known() {
        return namespaces.known();
      }
    };
  }

  /** What to ask an endpoint for to learn whether it is there. */
  static BlobContainer probe(String account, URI endpoint) {
    return new BlobContainer(account, endpoint, "check");
  }

  /** Asks the store something, in the background, and says so while it does not answer. */
  void check(Workers storage, Scheduler scheduler) {
    probes.forEach(at -> storage.tryExecute(() -> check(at, true, storage, scheduler)));
  }

  private void check(BlobContainer at, boolean first, Workers storage, Scheduler scheduler) {
    BlobName nothing = new BlobName(at, "nothing");
    if (store.head(nothing, CHECK_MILLIS) instanceof BlobOutcome.Failed(BlobFailure failure)) {
      if (first) {
        LOG.error(
            "object.store={}: no use of {} now ({}); blocks stay in the tiers above until there is",
            store.name(),
            at.account(),
            failure.reason());
      }
      scheduler.after(
          CHECK_MILLIS, () -> storage.tryExecute(() -> check(at, false, storage, scheduler)));
    } else {
      LOG.info("object.store={}: {} answers", store.name(), at.account());
    }
  }
}
