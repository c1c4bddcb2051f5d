package io.kveik.server.rpc.blockstore;

import com.google.protobuf.UnsafeByteOperations;
import io.grpc.Context;
import io.grpc.Deadline;
import io.grpc.Status;
import io.grpc.stub.StreamObserver;
import io.kveik.server.block.BlockId;
import io.kveik.server.block.BlockKey;
import io.kveik.server.cache.LookupOutcome;
import io.kveik.server.prefetch.Prefetcher;
import io.kveik.server.prefetch.TurnHints;
import io.kveik.server.rpc.call.BadRequest;
import io.kveik.server.rpc.call.CallContext;
import io.kveik.server.rpc.call.Inbound;
import io.kveik.server.session.BlockSession;
import io.kveik.server.telemetry.Rpc;
import io.kveik.wire.nativev1.MatchRequest;
import io.kveik.wire.nativev1.MatchResponse;
import io.kveik.wire.nativev1.MatchStop;
import io.kveik.wire.nativev1.TierRun;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Match: thousands of ids or tokens in, the longest cached prefix out. Any thread. */
final class MatchHandler {
  /** Of what is left until the caller's deadline, kept for the way back. */
  private static final int SHARE_KEPT = 5;

  private final Sessions sessions;
  private final BlockStoreRules rules;
  private final Prefetcher prefetcher;
  private final CallContext calls;

  MatchHandler(Sessions sessions, BlockStoreRules rules, Prefetcher prefetcher, CallContext calls) {
    this.sessions = sessions;
    this.rules = rules;
    this.prefetcher = prefetcher;
    this.calls = calls;
  }

  void handle(Inbound<MatchRequest> inbound, StreamObserver<MatchResponse> answer) {
    long startNanos = calls.clock().nanoTime();
    BlockSession session;
    List<BlockId> chain;
    boolean tokens;
    TurnHints hints;
    try {
      MatchRequest request = inbound.request();
      session = sessions.of(request.getNamespace());
      tokens = request.getChainCase() == MatchRequest.ChainCase.TOKENS;
      hints = rules.hints(request.getHints());
      chain = chain(request);
    } catch (BadRequest e) {
      calls.failed(Rpc.MATCH, "", startNanos, e.text());
      answer.onError(Status.INVALID_ARGUMENT.withDescription(e.text()).asRuntimeException());
      return;
    }
    session
        .match(chain, patienceMillis())
        .thenAccept(outcome -> {
          List<BlockKey> found = outcome.blocks().stream().map(LookupOutcome.Found::key).toList();
          session.turnEnded(chain, found, hints.end());
          prefetcher.matched(session.fingerprint(), found, hints);
          answer.onNext(response(outcome, tokens ? chain : List.of()));
          answer.onCompleted();
          calls.succeeded(
              Rpc.MATCH,
              "",
              startNanos,
              outcome.storageNanos(),
              0,
              outcome.blocks().size() + " of " + chain.size() + " blocks");
        });
  }

  private List<BlockId> chain(MatchRequest request) throws BadRequest {
    return switch (request.getChainCase()) {
      case BLOCKS -> rules.ids("blocks", request.getBlocks().getIdsList());
      case TOKENS -> rules.idsOf(request.getNamespace(), request.getTokens());
      case CHAIN_NOT_SET -> throw BadRequest.missing("blocks or tokens");
    };
  }

  /** How long the caller will wait for tiers to be asked. */
  private static long patienceMillis() {
    Deadline deadline = Context.current().getDeadline();
    if (deadline == null) {
      return Long.MAX_VALUE;
    }
    long left = deadline.timeRemaining(TimeUnit.MILLISECONDS);
    return Math.max(1, left - left / SHARE_KEPT);
  }

  private static MatchResponse response(LookupOutcome outcome, List<BlockId> named) {
    MatchResponse.Builder response =
        MatchResponse.newBuilder().setMatchedBlocks(outcome.blocks().size());
    TierRun.Builder run = TierRun.newBuilder();
    for (LookupOutcome.Found found : outcome.blocks()) {
      var tier = WireEnums.of(found.place());
      if (run.getBlocks() > 0 && run.getTier() != tier) {
        response.addTiers(run);
        run.clear();
      }
      run.setTier(tier).setBlocks(run.getBlocks() + 1);
    }
    if (run.getBlocks() > 0) {
      response.addTiers(run);
    }
    outcome
        .stop()
        .ifPresent(stop ->
            response.setStop(
                MatchStop.newBuilder()
                    .setReason(WireEnums.of(stop.reason()))
                    .setAgeMs(stop.ageMillis())
                    .setUses(stop.uses())
                    .setDetail(stop.detail())));
    for (int i = 0; i < Math.min(named.size(), outcome.blocks().size()); i++) {
      response.addIds(UnsafeByteOperations.unsafeWrap(named.get(i).toBytes()));
    }
    return response.build();
  }
}
