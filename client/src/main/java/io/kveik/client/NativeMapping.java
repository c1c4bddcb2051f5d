package io.kveik.client;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.UnsafeByteOperations;
import io.kveik.wire.nativev1.BlockIds;
import io.kveik.wire.nativev1.MatchResponse;
import io.kveik.wire.nativev1.MatchStop;
import io.kveik.wire.nativev1.Model;
import io.kveik.wire.nativev1.Namespace;
import io.kveik.wire.nativev1.PrefetchResponse;
import io.kveik.wire.nativev1.Tier;
import io.kveik.wire.nativev1.TokenBlocks;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** Turns the client's types into those of the native wire and back. Stateless. */
final class NativeMapping {
  private NativeMapping() {}

  static Namespace toWire(BlockNamespace namespace) {
    BlockScope scope = namespace.scope();
    BlockModel model = namespace.model();
    return Namespace.newBuilder()
        .setResource(scope.resource())
        .setContainer(scope.container())
        .setPartition(scope.partition())
        .setModel(
            Model.newBuilder()
                .setName(model.name())
                .setRevision(model.revision())
                .setDtype(model.dtype())
                .setLayout(model.layout())
                .setParallelism(model.parallelism())
                .setAdapter(model.adapter())
                .setBlockTokens(model.blockTokens()))
        .build();
  }

  static BlockIds blocks(List<byte[]> ids) {
    BlockIds.Builder chain = BlockIds.newBuilder();
    ids.forEach(id -> chain.addIds(UnsafeByteOperations.unsafeWrap(id)));
    return chain.build();
  }

  static TokenBlocks tokens(int[] tokens) {
    TokenBlocks.Builder chain = TokenBlocks.newBuilder();
    for (int token : tokens) {
      chain.addTokens(token);
    }
    return chain.build();
  }

  static io.kveik.wire.nativev1.TurnHints toWire(TurnHints hints) {
    return io.kveik.wire.nativev1.TurnHints.newBuilder()
        .setContinueId(UnsafeByteOperations.unsafeWrap(hints.continueId()))
        .setNextTurnExpectedMs(hints.nextTurn().map(Duration::toMillis).orElse(0L))
        .setStopReason(
            switch (hints.end()) {
              case UNKNOWN -> io.kveik.wire.nativev1.StopReason.STOP_REASON_UNSPECIFIED;
              case END_TURN -> io.kveik.wire.nativev1.StopReason.STOP_REASON_END_TURN;
              case TOOL_USE -> io.kveik.wire.nativev1.StopReason.STOP_REASON_TOOL_USE;
              case MAX_TOKENS -> io.kveik.wire.nativev1.StopReason.STOP_REASON_MAX_TOKENS;
              case STOP_SEQUENCE -> io.kveik.wire.nativev1.StopReason.STOP_REASON_STOP_SEQUENCE;
              case CANCELLED -> io.kveik.wire.nativev1.StopReason.STOP_REASON_CANCELLED;
            })
        .build();
  }

  static PrefetchResult prefetchResult(PrefetchResponse response) {
    return new PrefetchResult(
        response.getKnownBlocks(),
        response.getDramBlocks(),
        response.getStartedBlocks(),
        response.getPlanned());
  }

  /** What came over another way than gRPC. */
  static MatchResponse matchResponse(String what, byte[] bytes) {
    try {
      return MatchResponse.parseFrom(bytes);
    } catch (InvalidProtocolBufferException e) {
      throw new KveikException(
          KveikException.Code.PROTOCOL, what + " failed: the answer is no MatchResponse", e);
    }
  }

  /**
   * @param what names the call, for the error
   * @param chain blocks asked for
   * @throws KveikException when the answer contradicts the question
   */
  static MatchResult matchResult(String what, MatchResponse response, long chain) {
    int blocks = response.getMatchedBlocks();
    if (blocks < 0 || blocks > chain) {
      throw new KveikException(
          KveikException.Code.PROTOCOL,
          "%s failed: matched_blocks: %s, must be 0 to %d"
              .formatted(what, Integer.toUnsignedString(blocks), chain));
    }
    return new MatchResult(
        blocks,
        response.getTiersList().stream()
            .map(run -> new MatchResult.TierRun(tier(run.getTier()), run.getBlocks()))
            .toList(),
        response.hasStop() ? Optional.of(stop(blocks, response.getStop())) : Optional.empty(),
        response.getIdsList().stream().map(ByteString::toByteArray).toList());
  }

  private static MatchResult.Tier tier(Tier tier) {
    return switch (tier) {
      case TIER_DRAM -> MatchResult.Tier.DRAM;
      case TIER_LOCAL -> MatchResult.Tier.LOCAL;
      case TIER_SHARED -> MatchResult.Tier.SHARED;
      case TIER_UNSPECIFIED, UNRECOGNIZED -> MatchResult.Tier.UNSPECIFIED;
    };
  }

  private static LookupStop stop(int blocks, MatchStop stop) {
    return new LookupStop(
        blocks, reason(stop.getReason()), stop.getAgeMs(), stop.getUses(), stop.getDetail());
  }

  private static StopReason reason(MatchStop.Reason reason) {
    return switch (reason) {
      case REASON_NEVER_STORED -> StopReason.NEVER_STORED;
      case REASON_EVICTED -> StopReason.EVICTED;
      case REASON_EXPIRED -> StopReason.EXPIRED;
      case REASON_CORRUPT -> StopReason.CORRUPT;
      case REASON_DELETED -> StopReason.DELETED;
      case REASON_DROPPED -> StopReason.DROPPED;
      case REASON_TIER_DOWN -> StopReason.TIER_DOWN;
      case REASON_OVER_BUDGET -> StopReason.OVER_BUDGET;
      case REASON_UNSPECIFIED, UNRECOGNIZED -> StopReason.UNSPECIFIED;
    };
  }
}
