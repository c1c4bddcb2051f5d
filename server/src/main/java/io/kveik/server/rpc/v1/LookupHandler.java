package io.kveik.server.rpc.v1;

import io.grpc.Status;
import io.grpc.stub.StreamObserver;
import io.kveik.server.cache.CacheEngine;
import io.kveik.server.cache.LookupOutcome;
import io.kveik.server.cache.TokenChain;
import io.kveik.server.rpc.call.BadRequest;
import io.kveik.server.rpc.call.CallContext;
import io.kveik.server.rpc.call.Inbound;
import io.kveik.server.telemetry.Rpc;
import io.kveik.server.tenant.NamespaceKeys;
import io.kveik.server.tenant.Namespaces;
import io.kveik.wire.v1.BlockLocation;
import io.kveik.wire.v1.LookupRequest;
import io.kveik.wire.v1.LookupResponse;
import io.kveik.wire.v1.LookupStop;
import io.kveik.wire.v1.StopReason;

/** v1 Lookup: validate, resolve, walk the chain, answer one location per block. Any thread. */
final class LookupHandler {
  private final CacheEngine engine;
  private final Namespaces namespaces;
  private final V1Rules rules;
  private final CallContext calls;

  LookupHandler(CacheEngine engine, Namespaces namespaces, V1Rules rules, CallContext calls) {
    this.engine = engine;
    this.namespaces = namespaces;
    this.rules = rules;
    this.calls = calls;
  }

  void handle(Inbound<LookupRequest> inbound, StreamObserver<LookupResponse> answer) {
    long startNanos = calls.clock().nanoTime();
    String completionId = "";
    LookupRequest request;
    NamespaceKeys namespace;
    try {
      request = inbound.request();
      completionId = request.getCompletionId();
      rules.check(request);
      namespace =
          namespaces
              .v1(request.getResourceName(), request.getContainerName(), request.getPartitionKey())
              .orElseThrow(() -> unknownAccount(request.getResourceName()));
    } catch (BadRequest e) {
      calls.failed(Rpc.LOOKUP, completionId, startNanos, e.text());
      answer.onError(Status.INVALID_ARGUMENT.withDescription(e.text()).asRuntimeException());
      return;
    }
    String id = completionId;
    TokenChain chain = new TokenChain(namespace::key, request::getTokens, request.getTokensCount());
    engine
        .lookup(namespace.fingerprint(), chain)
        .thenAccept(outcome -> {
          long totalNanos = calls.clock().nanoTime() - startNanos;
          answer.onNext(response(outcome, request.getPartitionKey(), totalNanos));
          answer.onCompleted();
          calls.succeeded(
              Rpc.LOOKUP,
              id,
              startNanos,
              outcome.storageNanos(),
              0,
              outcome.blocks().size() + " of " + chain.blocks() + " blocks");
        });
  }

  static BadRequest unknownAccount(String resourceName) {
    return BadRequest.ofText("resource_name", resourceName, "a registered account");
  }

  private static LookupResponse response(LookupOutcome outcome, String partition, long totalNanos) {
    LookupResponse.Builder response =
        LookupResponse.newBuilder()
            .setSuccess(true)
            .setCachedBlocks(outcome.blocks().size())
            .setServerMetrics(Timings.of(outcome.storageNanos(), totalNanos));
    for (LookupOutcome.Found block : outcome.blocks()) {
      response.addLocations(
          BlockLocation.newBuilder()
              .setHash(block.label())
              .setLocation(new Location(block.key(), partition).encode()));
      response.setLastHash(block.label());
    }
    outcome.stop().ifPresent(stop -> response.setStop(stop(stop)));
    return response.build();
  }

  private static LookupStop stop(LookupOutcome.Stop stop) {
    return LookupStop.newBuilder()
        .setBlockIndex(stop.blockIndex())
        .setReason(reason(stop.reason()))
        .setAgeMs(stop.ageMillis())
        .setUses(stop.uses())
        .setDetail(stop.detail())
        .build();
  }

  private static StopReason reason(LookupOutcome.StopReason reason) {
    return switch (reason) {
      case NEVER_STORED -> StopReason.STOP_REASON_NEVER_STORED;
      case EVICTED -> StopReason.STOP_REASON_EVICTED;
      case EXPIRED -> StopReason.STOP_REASON_EXPIRED;
      case CORRUPT -> StopReason.STOP_REASON_CORRUPT;
      case DELETED -> StopReason.STOP_REASON_DELETED;
      case DROPPED -> StopReason.STOP_REASON_DROPPED;
      case TIER_DOWN -> StopReason.STOP_REASON_TIER_DOWN;
      case OVER_BUDGET -> StopReason.STOP_REASON_OVER_BUDGET;
    };
  }
}
