package io.kveik.server.rpc.blockstore;

import com.google.protobuf.UnsafeByteOperations;
import io.kveik.server.block.BlockId;
import io.kveik.server.block.BlockKey;
import io.kveik.server.cache.LookupOutcome;
import io.kveik.server.prefetch.Prefetcher;
import io.kveik.server.prefetch.TurnHints;
import io.kveik.server.rpc.call.BadRequest;
import io.kveik.server.rpc.call.CallContext;
import io.kveik.server.session.BlockSession;
import io.kveik.server.telemetry.Rpc;
import io.kveik.wire.nativev1.MatchRequest;
import io.kveik.wire.nativev1.MatchResponse;
import io.kveik.wire.nativev1.MatchStop;
import io.kveik.wire.nativev1.TierRun;
import java.util.List;
import java.util.concurrent.CompletionStage;

/**
 * Match, by whatever way the request has come: thousands of ids or tokens in, the longest cached
 * prefix out. Any thread.
 */
final class ChainMatcher {
  /** Of what is left until the caller's deadline, kept for the way back. */
  private static final int SHARE_KEPT = 5;

  private final BlockStoreRules rules;
  private final Prefetcher prefetcher;
  private final CallContext calls;

  ChainMatcher(BlockStoreRules rules, Prefetcher prefetcher, CallContext calls) {
    this.rules = rules;
    this.prefetcher = prefetcher;
    this.calls = calls;
  }

  /**
   * Looks the chain up and records the call.
   *
   * @param leftMillis until the caller's deadline; {@link Long#MAX_VALUE} for none
   * @param startNanos when the request came
   */
  CompletionStage<MatchResponse> match(
      BlockSession session, MatchRequest request, long leftMillis, long startNanos)
      throws BadRequest {
    boolean tokens = request.getChainCase() == MatchRequest.ChainCase.TOKENS;
    TurnHints hints = rules.hints(request.getHints());
    List<BlockId> chain = chain(request);
    long patienceMillis = Math.max(1, leftMillis - leftMillis / SHARE_KEPT);
    return session
        .match(chain, patienceMillis)
        .thenApply(outcome -> {
          int found = outcome.blocks().size();
          if (!hints.equals(TurnHints.NONE)) {
            noteTurn(session, chain, outcome, hints);
          }
          calls.succeeded(
              Rpc.MATCH,
              "",
              startNanos,
              outcome.storageNanos(),
              0,
              found + " of " + chain.size() + " blocks");
          return response(outcome, tokens ? chain : List.of());
        });
  }

  private void noteTurn(
      BlockSession session, List<BlockId> chain, LookupOutcome outcome, TurnHints hints) {
    List<BlockKey> found = outcome.blocks().stream().map(LookupOutcome.Found::key).toList();
    session.turnEnded(chain, found, hints.end());
    prefetcher.matched(session.fingerprint(), found, hints);
  }

  /** Records a request that was not looked up. */
  void refused(long startNanos, String why) {
    calls.failed(Rpc.MATCH, "", startNanos, why);
  }

  private List<BlockId> chain(MatchRequest request) throws BadRequest {
    return switch (request.getChainCase()) {
      case BLOCKS -> rules.ids("blocks", request.getBlocks().getIdsList());
      case TOKENS -> rules.idsOf(request.getNamespace(), request.getTokens());
      case CHAIN_NOT_SET -> throw BadRequest.missing("blocks or tokens");
    };
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
