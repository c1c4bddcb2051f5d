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
import io.kveik.server.rpc.call.Names;
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
  private static final int MAX_MODEL_TEXT = 256;
  private static final int MAX_BLOCK_TOKENS = SessionLimits.MAX_TOKEN_COUNT;

  void check(Namespace namespace) throws BadRequest {
    requiredName("namespace.resource", namespace.getResource());
    requiredName("namespace.container", namespace.getContainer());
    if (!namespace.getPartition().isEmpty()) {
      name("namespace.partition", namespace.getPartition());
    }
    if (namespace.getModel().getName().isEmpty()) {
      throw BadRequest.missing("namespace.model.name");
    }
  }

  Model model(io.kveik.wire.nativev1.Model model) throws BadRequest {
    int blockTokens = model.getBlockTokens();
    if (blockTokens < 1 || blockTokens > MAX_BLOCK_TOKENS) {
      throw BadRequest.of(
          "namespace.model.block_tokens",
          Integer.toUnsignedString(blockTokens),
          "1 to " + MAX_BLOCK_TOKENS);
    }
    return new Model(
        text("name", model.getName()),
        text("revision", model.getRevision()),
        text("dtype", model.getDtype()),
        text("layout", model.getLayout()),
        text("parallelism", model.getParallelism()),
        text("adapter", model.getAdapter()),
        blockTokens);
  }

  List<BlockId> ids(String field, List<ByteString> ids) throws BadRequest {
    checkCount(field, ids.size());
    List<BlockId> checked = new ArrayList<>(ids.size());
    for (int i = 0; i < ids.size(); i++) {
      checked.add(id(field, i, ids.get(i)));
    }
    return checked;
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
    checkCount("blocks", request.getBlocksCount());
    List<RangeOfBlock> ranges = new ArrayList<>(request.getBlocksCount());
    for (int i = 0; i < request.getBlocksCount(); i++) {
      BlockRange range = request.getBlocks(i);
      ranges.add(
          new RangeOfBlock(
              id("blocks", i, range.getId()),
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
    if (id.isEmpty()) {
      throw BadRequest.missing(field);
    }
    if (!BlockId.legalLength(id.size())) {
      throw BadRequest.of(
          field,
          id.size() + " bytes",
          "%d to %d bytes".formatted(BlockId.MIN_BYTES, BlockId.MAX_BYTES));
    }
    return BlockId.transfer(id.toByteArray());
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

  private BlockId id(String list, int index, ByteString id) throws BadRequest {
    return id("%s[%d].id".formatted(list, index), id);
  }

  private void checkCount(String field, int count) throws BadRequest {
    if (count == 0) {
      throw BadRequest.missing(field);
    }
    if (count > limits.maxIdsPerCall()) {
      throw BadRequest.of(field, count + " of them", "at most " + limits.maxIdsPerCall());
    }
  }

  private static void requiredName(String field, String name) throws BadRequest {
    if (name.isEmpty()) {
      throw BadRequest.missing(field);
    }
    name(field, name);
  }

  private static void name(String field, String name) throws BadRequest {
    if (!Names.legal(name)) {
      throw BadRequest.ofText(field, name, "[A-Za-z0-9][A-Za-z0-9._-]{0,127}");
    }
  }

  private static String text(String field, String text) throws BadRequest {
    if (text.length() > MAX_MODEL_TEXT) {
      throw BadRequest.of(
          "namespace.model." + field, text.length() + " characters", "at most " + MAX_MODEL_TEXT);
    }
    if (text.chars().anyMatch(Character::isISOControl)) {
      throw BadRequest.ofText("namespace.model." + field, text, "without control characters");
    }
    return text;
  }
}
