package io.kveik.server.rpc.blockstore;

import io.grpc.Status;
import io.grpc.stub.StreamObserver;
import io.kveik.server.block.BlockId;
import io.kveik.server.block.BlockKey;
import io.kveik.server.cache.PrefetchOutcome;
import io.kveik.server.prefetch.Prefetcher;
import io.kveik.server.prefetch.TurnHints;
import io.kveik.server.rpc.call.BadRequest;
import io.kveik.server.rpc.call.CallContext;
import io.kveik.server.rpc.call.Inbound;
import io.kveik.server.session.BlockSession;
import io.kveik.server.telemetry.Rpc;
import io.kveik.wire.nativev1.PrefetchRequest;
import io.kveik.wire.nativev1.PrefetchResponse;
import java.util.List;

/** Prefetch: blocks are on their way when it answers. Any thread. */
final class PrefetchHandler {
  private final Sessions sessions;
  private final BlockStoreRules rules;
  private final Prefetcher prefetcher;
  private final CallContext calls;

  PrefetchHandler(
      Sessions sessions, BlockStoreRules rules, Prefetcher prefetcher, CallContext calls) {
    this.sessions = sessions;
    this.rules = rules;
    this.prefetcher = prefetcher;
    this.calls = calls;
  }

  void handle(Inbound<PrefetchRequest> inbound, StreamObserver<PrefetchResponse> answer) {
    long startNanos = calls.clock().nanoTime();
    PrefetchOutcome outcome;
    try {
      outcome = prefetch(inbound.request());
    } catch (BadRequest e) {
      calls.failed(Rpc.PREFETCH, "", startNanos, e.text());
      answer.onError(Status.INVALID_ARGUMENT.withDescription(e.text()).asRuntimeException());
      return;
    }
    answer.onNext(
        PrefetchResponse.newBuilder()
            .setKnownBlocks(outcome.known())
            .setDramBlocks(outcome.inMemory())
            .setStartedBlocks(outcome.started())
            .setPlanned(outcome.later())
            .build());
    answer.onCompleted();
    calls.succeeded(
        Rpc.PREFETCH, "", startNanos, 0, 0, outcome.later() ? "planned" : counts(outcome));
  }

  private static String counts(PrefetchOutcome outcome) {
    return outcome.started() + " started, " + outcome.inMemory() + " in DRAM";
  }

  private PrefetchOutcome prefetch(PrefetchRequest request) throws BadRequest {
    BlockSession session = sessions.of(request.getNamespace());
    TurnHints hints = rules.hints(request.getHints());
    return switch (request.getChainCase()) {
      case BLOCKS ->
          prefetch(session, rules.ids("blocks", request.getBlocks().getIdsList()), hints);
      case TOKENS ->
          prefetch(session, rules.idsOf(request.getNamespace(), request.getTokens()), hints);
      case CONTINUE_ID ->
          prefetcher.prefetch(
              session.fingerprint(), rules.continueId("continue_id", request.getContinueId()));
      case CHAIN_NOT_SET -> throw BadRequest.missing("blocks, tokens or continue_id");
    };
  }

  private PrefetchOutcome prefetch(BlockSession session, List<BlockId> ids, TurnHints hints) {
    List<BlockKey> chain = ids.stream().map(session::keyOf).toList();
    session.turnEnded(ids, chain, hints.end());
    return prefetcher.prefetch(session.fingerprint(), chain, hints);
  }
}
