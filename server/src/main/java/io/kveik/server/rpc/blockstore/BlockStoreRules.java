package io.kveik.server.rpc.blockstore;

import com.google.protobuf.ByteString;
import io.kveik.client.ChainIds;
import io.kveik.server.block.AckLevel;
import io.kveik.server.block.BlockHeader;
import io.kveik.server.block.BlockId;
import io.kveik.server.block.Model;
import io.kveik.server.prefetch.ContinueId;
import io.kveik.server.prefetch.TurnHints;
import io.kveik.server.rpc.call.BadRequest;
import io.kveik.server.rpc.call.NativeFields;
import io.kveik.server.session.SessionLimits;
import io.kveik.wire.nativev1.BlockRange;
import io.kveik.wire.nativev1.LoadRequest;
import io.kveik.wire.nativev1.Namespace;
import io.kveik.wire.nativev1.StoreRequest;
import io.kveik.wire.nativev1.TokenBlocks;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * What a native request must be, checked before anything is allocated for it. Immutable, any
 * thread.
 *
 * @param defaultAck what a store waits for that names no level
 */
record BlockStoreRules(SessionLimits limits, int maxTokens, AckLevel defaultAck) {
  void check(Namespace namespace) throws BadRequest {
    NativeFields.checkNames(namespace);
    if (namespace.getModel().getName().isEmpty()) {
      throw BadRequest.missing("namespace.model.name");
    }
  }

  Model model(io.kveik.wire.nativev1.Model model) throws BadRequest {
    return NativeFields.model(model);
  }

  List<BlockId> ids(String field, List<ByteString> ids) throws BadRequest {
    return NativeFields.ids(field, ids, limits.maxIdsPerCall());
  }

  /** The ids of a prompt's whole blocks. */
  List<BlockId> idsOf(Namespace namespace, TokenBlocks tokens) throws BadRequest {
    int count = tokens.getTokensCount();
    if (count > maxTokens) {
      throw BadRequest.of("tokens", count + " of them", "at most " + maxTokens);
    }
    int blockTokens = namespace.getModel().getBlockTokens();
    return ChainIds.of(tokens::getTokens, count, blockTokens).stream()
        .map(BlockId::transfer)
        .toList();
  }

  List<RangeOfBlock> ranges(LoadRequest request) throws BadRequest {
    NativeFields.checkCount("blocks", request.getBlocksCount(), limits.maxIdsPerCall());
    List<RangeOfBlock> ranges = new ArrayList<>(request.getBlocksCount());
    for (int i = 0; i < request.getBlocksCount(); i++) {
      BlockRange range = request.getBlocks(i);
      ranges.add(
          new RangeOfBlock(
              NativeFields.id("blocks", i, range.getId()),
              Integer.toUnsignedLong(range.getOffset()),
              Integer.toUnsignedLong(range.getLength())));
    }
    return ranges;
  }

  /**
   * @param bytes length of the payload, which is not in the request
   */
  void check(StoreRequest request, int bytes) throws BadRequest {
    if (bytes == 0 || bytes > limits.maxBlockBytes()) {
      throw BadRequest.of("payload", bytes + " bytes", "1 to " + limits.maxBlockBytes());
    }
    if (Integer.compareUnsigned(request.getTokenCount(), SessionLimits.MAX_TOKEN_COUNT) > 0) {
      throw BadRequest.of(
          "token_count",
          Integer.toUnsignedString(request.getTokenCount()),
          "at most " + SessionLimits.MAX_TOKEN_COUNT);
    }
    if (request.getMetadata().size() > SessionLimits.MAX_METADATA_BYTES) {
      throw BadRequest.of(
          "metadata",
          request.getMetadata().size() + " bytes",
          "at most " + SessionLimits.MAX_METADATA_BYTES);
    }
    if (request.getTtlMs() < 0 || request.getTtlMs() > SessionLimits.MAX_TTL_MILLIS) {
      throw BadRequest.of(
          "ttl_ms",
          Long.toUnsignedString(request.getTtlMs()),
          "0 to " + SessionLimits.MAX_TTL_MILLIS);
    }
    if (Integer.compareUnsigned(request.getPriority(), BlockHeader.MAX_PRIORITY) > 0) {
      throw BadRequest.of(
          "priority",
          Integer.toUnsignedString(request.getPriority()),
          "0 to " + BlockHeader.MAX_PRIORITY);
    }
  }

  BlockId id(String field, ByteString id) throws BadRequest {
    return NativeFields.id(field, id);
  }

  Optional<BlockId> optionalId(String field, ByteString id) throws BadRequest {
    return id.isEmpty() ? Optional.empty() : Optional.of(id(field, id));
  }

  ContinueId continueId(String field, ByteString id) throws BadRequest {
    if (id.isEmpty()) {
      throw BadRequest.missing(field);
    }
    if (id.size() > ContinueId.MAX_BYTES) {
      throw BadRequest.of(field, id.size() + " bytes", "1 to " + ContinueId.MAX_BYTES + " bytes");
    }
    return ContinueId.transfer(id.toByteArray());
  }

  TurnHints hints(io.kveik.wire.nativev1.TurnHints hints) throws BadRequest {
    Optional<ContinueId> conversation =
        hints.getContinueId().isEmpty()
            ? Optional.empty()
            : Optional.of(continueId("hints.continue_id", hints.getContinueId()));
    long nextTurnMillis = hints.getNextTurnExpectedMs();
    if (nextTurnMillis < 0 || nextTurnMillis > TurnHints.MAX_NEXT_TURN_MILLIS) {
      throw BadRequest.of(
          "hints.next_turn_expected_ms",
          Long.toUnsignedString(nextTurnMillis),
          "0 to " + TurnHints.MAX_NEXT_TURN_MILLIS);
    }
    if (nextTurnMillis > 0 && conversation.isEmpty()) {
      throw BadRequest.missing("hints.continue_id");
    }
    return new TurnHints(conversation, nextTurnMillis, WireEnums.of(hints.getStopReason()));
  }

  AckLevel ack(StoreRequest request) throws BadRequest {
    return switch (request.getAckLevel()) {
      case ACK_LEVEL_UNSPECIFIED -> defaultAck;
      case ACK_LEVEL_MEMORY -> AckLevel.MEMORY;
      case ACK_LEVEL_LOCAL -> AckLevel.LOCAL;
      case ACK_LEVEL_SHARED -> AckLevel.SHARED;
      case UNRECOGNIZED -> throw BadRequest.of("ack_level", request.getAckLevelValue(), "0 to 3");
    };
  }
}
