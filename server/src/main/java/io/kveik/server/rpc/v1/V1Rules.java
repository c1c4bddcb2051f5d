package io.kveik.server.rpc.v1;

import io.kveik.server.block.BlockHeader;
import io.kveik.server.cache.TokenChain;
import io.kveik.server.rpc.call.BadRequest;
import io.kveik.server.rpc.call.Names;
import io.kveik.wire.v1.LookupRequest;
import io.kveik.wire.v1.PromptChunk;
import io.kveik.wire.v1.ReadRequest;
import io.kveik.wire.v1.WriteRequest;
import java.util.concurrent.TimeUnit;

/**
 * What a v1 request must be, checked before anything is allocated for it. Immutable, any thread.
 *
 * @param maxBlockBytes largest buffer of one block
 * @param maxLookupTokens most tokens in one Lookup
 */
record V1Rules(int maxBlockBytes, int maxLookupTokens) {
  static final int MAX_LOCATION_LENGTH = 1_024;
  static final int MAX_ID_LENGTH = 256;
  static final long MAX_TTL_MILLIS = TimeUnit.DAYS.toMillis(365);

  void check(LookupRequest request) throws BadRequest {
    name("resource_name", request.getResourceName());
    name("container_name", request.getContainerName());
    optionalName("partition_key", request.getPartitionKey());
    id("completion_id", request.getCompletionId());
    int tokens = request.getTokensCount();
    if (tokens == 0) {
      throw BadRequest.missing("tokens");
    }
    if (tokens > maxLookupTokens) {
      throw BadRequest.of("tokens", tokens + " of them", "at most " + maxLookupTokens);
    }
    int hashes = request.getPrecomputedHashesCount();
    if (hashes > maxLookupTokens) {
      throw BadRequest.of("precomputed_hashes", hashes + " of them", "at most " + maxLookupTokens);
    }
    for (int i = 0; i < tokens; i++) {
      token("tokens", i, request.getTokens(i));
    }
  }

  void check(ReadRequest request) throws BadRequest {
    name("resource_name", request.getResourceName());
    name("container_name", request.getContainerName());
    id("completion_id", request.getCompletionId());
    String location = request.getLocation();
    if (location.isEmpty()) {
      throw BadRequest.missing("location");
    }
    if (location.length() > MAX_LOCATION_LENGTH) {
      throw BadRequest.of(
          "location", location.length() + " characters", "at most " + MAX_LOCATION_LENGTH);
    }
  }

  /**
   * @param bytes length of the buffer, which is not in the request
   */
  void check(WriteRequest request, int bytes) throws BadRequest {
    name("resource_name", request.getResourceName());
    name("container_name", request.getContainerName());
    if (!request.hasChunk()) {
      throw BadRequest.missing("chunk");
    }
    PromptChunk chunk = request.getChunk();
    optionalName("chunk.partition_key", chunk.getPartitionKey());
    id("chunk.completion_id", chunk.getCompletionId());
    int tokens = chunk.getTokensCount();
    if (tokens != TokenChain.BLOCK_TOKENS) {
      throw BadRequest.of(
          "chunk.tokens", tokens + " of them", "exactly " + TokenChain.BLOCK_TOKENS);
    }
    for (int i = 0; i < tokens; i++) {
      token("chunk.tokens", i, chunk.getTokens(i));
    }
    if (bytes == 0 || bytes > maxBlockBytes) {
      throw BadRequest.of("chunk.buffer", bytes + " bytes", "1 to " + maxBlockBytes);
    }
    if (request.getTtlMs() < 0 || request.getTtlMs() > MAX_TTL_MILLIS) {
      throw BadRequest.of("ttl_ms", request.getTtlMs(), "0 to " + MAX_TTL_MILLIS);
    }
    if (request.getPriority() < 0 || request.getPriority() > BlockHeader.MAX_PRIORITY) {
      throw BadRequest.of("priority", request.getPriority(), "0 to " + BlockHeader.MAX_PRIORITY);
    }
  }

  private static void name(String field, String name) throws BadRequest {
    if (name.isEmpty()) {
      throw BadRequest.missing(field);
    }
    optionalName(field, name);
  }

  private static void optionalName(String field, String name) throws BadRequest {
    if (!name.isEmpty() && !Names.legal(name)) {
      throw BadRequest.ofText(field, name, "[A-Za-z0-9][A-Za-z0-9._-]{0,127}");
    }
  }

  private static void id(String field, String id) throws BadRequest {
    if (id.length() > MAX_ID_LENGTH) {
      throw BadRequest.of(field, id.length() + " characters", "at most " + MAX_ID_LENGTH);
    }
  }

  private static void token(String field, int position, long token) throws BadRequest {
    if (token < 0) {
      throw BadRequest.of(field + "[" + position + "]", token, "0 or more");
    }
  }
}
