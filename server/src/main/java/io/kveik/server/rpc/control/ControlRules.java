package io.kveik.server.rpc.control;

import com.google.protobuf.ByteString;
import io.kveik.client.ChainIds;
import io.kveik.server.block.BlockHeader;
import io.kveik.server.block.BlockId;
import io.kveik.server.block.BlockKey;
import io.kveik.server.block.TtlKind;
import io.kveik.server.cache.Selector;
import io.kveik.server.cache.TokenChain;
import io.kveik.server.cache.eviction.PolicyKind;
import io.kveik.server.rpc.call.BadRequest;
import io.kveik.server.rpc.call.NativeFields;
import io.kveik.server.session.SessionLimits;
import io.kveik.server.tenant.NamespaceKeys;
import io.kveik.server.tenant.Namespaces;
import io.kveik.wire.nativev1.Namespace;
import io.kveik.wire.nativev1.QueryRequest;
import io.kveik.wire.nativev1.SetEvictionPolicyRequest;
import io.kveik.wire.nativev1.SetTtlRequest;
import io.kveik.wire.nativev1.TokenBlocks;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Optional;

/**
 * What a control request must be, and what its names mean. Immutable, any thread.
 *
 * @param namespaces resolves names
 * @param maxIds most ids in a selector
 * @param maxTokens most tokens in a selector
 * @param maxPage most blocks in a page of a query
 */
record ControlRules(Namespaces namespaces, int maxIds, int maxTokens, int maxPage) {
  private static final int PAGE_TOKEN_BYTES = Long.BYTES;
  private static final long MAX_U32 = 0xFFFF_FFFFL;

  /** A namespace without a model is that of v1 clients. */
  NamespaceKeys namespace(Namespace namespace) throws BadRequest {
    NativeFields.checkNames(namespace);
    Optional<NamespaceKeys> keys =
        isV1(namespace)
            ? namespaces.v1(
                namespace.getResource(), namespace.getContainer(), namespace.getPartition())
            : namespaces.of(
                namespace.getResource(),
                namespace.getContainer(),
                namespace.getPartition(),
                NativeFields.model(namespace.getModel()));
    return keys.orElseThrow(() ->
        BadRequest.ofText("namespace.resource", namespace.getResource(), "a registered account"));
  }

  Selector selector(
      Namespace namespace, NamespaceKeys keys, io.kveik.wire.nativev1.Selector selector)
      throws BadRequest {
    boolean v1 = isV1(namespace);
    return switch (selector.getBlocksCase()) {
      case IDS -> {
        requireNative(v1, "selector.ids");
        yield new Selector.Blocks(
            NativeFields.ids("selector.ids", selector.getIds().getIdsList(), maxIds).stream()
                .map(keys::key)
                .toList());
      }
      case PREFIX_ID -> {
        requireNative(v1, "selector.prefix_id");
        yield prefix(keys.key(NativeFields.id("selector.prefix_id", selector.getPrefixId())));
      }
      case TOKENS -> {
        TokenBlocks tokens = selector.getTokens();
        yield v1
            ? new Selector.OfChain(chain(keys, "selector.tokens", tokens))
            : new Selector.Blocks(
                ids(namespace, "selector.tokens", tokens).stream().map(keys::key).toList());
      }
      case PREFIX_TOKENS -> {
        TokenBlocks tokens = selector.getPrefixTokens();
        yield v1
            ? new Selector.PrefixOfChain(chain(keys, "selector.prefix_tokens", tokens))
            : prefix(keys.key(ids(namespace, "selector.prefix_tokens", tokens).getLast()));
      }
      case EVERYTHING -> {
        if (!selector.getEverything()) {
          throw BadRequest.of("selector.everything", false, "true");
        }
        yield new Selector.Everything();
      }
      case BLOCKS_NOT_SET -> throw BadRequest.missing("selector");
    };
  }

  int priority(int priority) throws BadRequest {
    if (Integer.compareUnsigned(priority, BlockHeader.MAX_PRIORITY) > 0) {
      throw BadRequest.of(
          "priority", Integer.toUnsignedString(priority), "0 to " + BlockHeader.MAX_PRIORITY);
    }
    return priority;
  }

  TtlKind ttlKind(SetTtlRequest request) throws BadRequest {
    return NativeFields.ttlKind("kind", request.getKind(), request.getKindValue());
  }

  long ttlMillis(SetTtlRequest request) throws BadRequest {
    if (request.getTtlMs() < 0 || request.getTtlMs() > SessionLimits.MAX_TTL_MILLIS) {
      throw BadRequest.of(
          "ttl_ms",
          Long.toUnsignedString(request.getTtlMs()),
          "0 to " + SessionLimits.MAX_TTL_MILLIS);
    }
    return request.getTtlMs();
  }

  /** Empty: the server's. */
  Optional<PolicyKind> evictionPolicy(SetEvictionPolicyRequest request) throws BadRequest {
    return switch (request.getPolicy()) {
      case EVICTION_POLICY_UNSPECIFIED -> Optional.empty();
      case EVICTION_POLICY_DEFAULT -> Optional.of(PolicyKind.DEFAULT);
      case EVICTION_POLICY_LRU -> Optional.of(PolicyKind.LRU);
      case EVICTION_POLICY_S3_FIFO -> Optional.of(PolicyKind.S3_FIFO);
      case EVICTION_POLICY_ARC -> Optional.of(PolicyKind.ARC);
      case EVICTION_POLICY_HIT_DENSITY -> Optional.of(PolicyKind.HIT_DENSITY);
      case UNRECOGNIZED -> throw BadRequest.of("policy", request.getPolicyValue(), "0 to 5");
    };
  }

  int pageBlocks(QueryRequest request) throws BadRequest {
    int size = request.getPageSize();
    if (Integer.compareUnsigned(size, maxPage) > 0) {
      throw BadRequest.of("page_size", Integer.toUnsignedString(size), "at most " + maxPage);
    }
    return size == 0 ? maxPage : size;
  }

  long from(QueryRequest request) throws BadRequest {
    ByteString token = request.getPageToken();
    if (token.isEmpty()) {
      return 0;
    }
    long from = token.size() == PAGE_TOKEN_BYTES ? token.asReadOnlyByteBuffer().getLong() : -1;
    if (from < 0 || from > Integer.MAX_VALUE) {
      throw BadRequest.of("page_token", token.size() + " bytes", "what the page before answered");
    }
    return from;
  }

  static ByteString pageToken(long next) {
    return ByteString.copyFrom(ByteBuffer.allocate(PAGE_TOKEN_BYTES).putLong(next).flip());
  }

  private static boolean isV1(Namespace namespace) {
    return !namespace.hasModel();
  }

  private static void requireNative(boolean v1, String field) throws BadRequest {
    if (v1) {
      throw BadRequest.of(field, "given", "absent in a namespace without a model: name tokens");
    }
  }

  private static Selector prefix(BlockKey key) {
    return new Selector.Prefix(key, key.label());
  }

  private List<BlockId> ids(Namespace namespace, String field, TokenBlocks tokens)
      throws BadRequest {
    int blockTokens = namespace.getModel().getBlockTokens();
    checkTokens(field, tokens, blockTokens);
    return ChainIds.of(tokens::getTokens, tokens.getTokensCount(), blockTokens).stream()
        .map(BlockId::transfer)
        .toList();
  }

  private TokenChain chain(NamespaceKeys keys, String field, TokenBlocks tokens) throws BadRequest {
    checkTokens(field, tokens, TokenChain.BLOCK_TOKENS);
    return new TokenChain(
        keys::key, position -> tokens.getTokens(position) & MAX_U32, tokens.getTokensCount());
  }

  private void checkTokens(String field, TokenBlocks tokens, int blockTokens) throws BadRequest {
    int count = tokens.getTokensCount();
    if (count < blockTokens || count > maxTokens) {
      throw BadRequest.of(field, count + " of them", blockTokens + " to " + maxTokens);
    }
  }
}
