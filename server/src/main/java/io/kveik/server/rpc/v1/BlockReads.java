package io.kveik.server.rpc.v1;

import io.kveik.server.cache.CacheEngine;
import io.kveik.server.cache.ReadOutcome;
import io.kveik.server.rpc.call.BadRequest;
import io.kveik.server.tenant.NamespaceKeys;
import io.kveik.server.tenant.Namespaces;
import io.kveik.wire.v1.ReadRequest;
import io.kveik.wire.v1.ReadResponse;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/** From a v1 ReadRequest to the block it names; shared by Read and StreamingRead. */
final class BlockReads {
  private final CacheEngine engine;
  private final Namespaces namespaces;
  private final V1Rules rules;

  BlockReads(CacheEngine engine, Namespaces namespaces, V1Rules rules) {
    this.engine = engine;
    this.namespaces = namespaces;
    this.rules = rules;
  }

  /** A request that has been checked: its block, if its location can name one. */
  record Target(NamespaceKeys namespace, Location location) {}

  /** Empty for a well-formed request whose location names nothing here. */
  Optional<Target> resolve(ReadRequest request) throws BadRequest {
    rules.check(request);
    Optional<Location> location = Location.decode(request.getLocation());
    if (location.isEmpty()) {
      return Optional.empty();
    }
    return namespaces
        .v1(request.getResourceName(), request.getContainerName(), location.get().partition())
        .map(namespace -> new Target(namespace, location.get()));
  }

  CompletionStage<ReadOutcome> read(Optional<Target> target) {
    return target
        .map(one -> engine.read(one.namespace().fingerprint(), one.location().key()))
        .orElseGet(() ->
            CompletableFuture.completedFuture(new ReadOutcome.Miss(ReadOutcome.Reason.ABSENT, 0)));
  }

  /** Starts bringing a block to DRAM, where it is not there yet; nobody waits for it. */
  void prefetch(Optional<Target> target) {
    target.ifPresent(one -> engine.prefetch(one.namespace().fingerprint(), one.location().key()));
  }

  static ReadResponse notFound(long storageNanos, long totalNanos) {
    return ReadResponse.newBuilder()
        .setFound(false)
        .setSuccess(true)
        .setServerMetrics(Timings.of(storageNanos, totalNanos))
        .build();
  }
}
