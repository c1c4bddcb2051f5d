package io.kveik.client;

import com.google.protobuf.UnsafeByteOperations;
import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.MethodDescriptor;
import io.kveik.client.codec.TransformingTransport;
import io.kveik.client.data.BlockReader;
import io.kveik.client.data.BlockTransport;
import io.kveik.client.data.Deadline;
import io.kveik.client.data.FallbackTransport;
import io.kveik.client.data.LoadItem;
import io.kveik.client.data.LoadResult;
import io.kveik.client.data.StoreItem;
import io.kveik.client.data.StoreResult;
import io.kveik.client.data.TransportException;
import io.kveik.client.data.TransportKind;
import io.kveik.wire.nativev1.BlockStoreGrpc;
import io.kveik.wire.nativev1.MatchRequest;
import io.kveik.wire.nativev1.MatchResponse;
import io.kveik.wire.nativev1.Namespace;
import io.kveik.wire.nativev1.PrefetchRequest;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * One namespace of a store, over the best transport there is; see {@link BlockClient}, which also
 * closes it.
 *
 * <p>Any thread, many at a time. A call blocks its thread until its deadline at most; memory given
 * in it is not touched after it is over. Failures are {@link KveikException}.
 */
public final class NamespaceClient implements AutoCloseable {
  private final BlockNamespace namespace;
  private final Namespace wireNamespace;
  private final Channel channel;
  private final RetryPolicy retries;
  private final FallbackTransport transport;
  private final BlockTransport blocks;
  private final BlockClientOptions options;
  private final boolean hasFasterWays;
  private final Consumer<NamespaceClient> onClose;
  private volatile boolean closed;

  NamespaceClient(
      BlockNamespace namespace,
      Channel channel,
      RetryPolicy retries,
      FallbackTransport transport,
      BlockClientOptions options,
      Consumer<NamespaceClient> onClose) {
    this.namespace = namespace;
    this.wireNamespace = NativeMapping.toWire(namespace);
    this.channel = channel;
    this.retries = retries;
    this.transport = transport;
    this.blocks =
        options.transform().isNone()
            ? transport
            : new TransformingTransport(transport, options.transform());
    this.options = options;
    this.hasFasterWays = options.transports().stream().anyMatch(kind -> kind != TransportKind.GRPC);
    this.onClose = onClose;
  }

  /**
   * Finds the longest cached prefix of a chain of blocks.
   *
   * @param ids the engine's chained hashes, first block first; 16 to 64 bytes each
   */
  public MatchResult match(List<byte[]> ids) {
    return match(ids.size(), MatchRequest.newBuilder().setBlocks(NativeMapping.blocks(ids)));
  }

  /** The same at the start of a conversation's turn, for the store to remember where it is. */
  public MatchResult match(List<byte[]> ids, TurnHints hints) {
    return match(
        ids.size(),
        MatchRequest.newBuilder()
            .setBlocks(NativeMapping.blocks(ids))
            .setHints(NativeMapping.toWire(hints)));
  }

  /**
   * Finds the longest cached prefix of a prompt; its blocks' ids are those of {@link ChainIds}.
   *
   * @param tokens the whole prompt, each an unsigned int; only its whole blocks count
   */
  public MatchResult match(int[] tokens) {
    return match(
        tokens.length / namespace.model().blockTokens(),
        MatchRequest.newBuilder().setTokens(NativeMapping.tokens(tokens)));
  }

  /**
   * Has the store bring a chain's blocks to its memory, as far as its bounds allow; returns at
   * once. At the end of a turn, with when the next is expected, this is planned ahead of it.
   *
   * @param ids the whole chain, first block first
   * @param hints remembered by the store
   */
  public PrefetchResult prefetch(List<byte[]> ids, TurnHints hints) {
    return prefetch(
        "prefetch of %d blocks in %s".formatted(ids.size(), namespace),
        PrefetchRequest.newBuilder()
            .setNamespace(wireNamespace)
            .setBlocks(NativeMapping.blocks(ids))
            .setHints(NativeMapping.toWire(hints))
            .build());
  }

  /**
   * Has the store bring the blocks of a conversation to its memory that hints have told of; returns
   * at once.
   *
   * @param continueId as in the {@link TurnHints}
   * @return nothing known, when the store has forgotten the conversation
   */
  public PrefetchResult prefetch(byte[] continueId) {
    return prefetch(
        "prefetch of a conversation in " + namespace,
        PrefetchRequest.newBuilder()
            .setNamespace(wireNamespace)
            .setContinueId(UnsafeByteOperations.unsafeWrap(continueId))
            .build());
  }

  /**
   * Loads blocks, or parts of blocks, each to its own memory.
   *
   * @param items any number; no two targets overlap
   * @return one result for each item, in their order; a block that can't be had is a result
   */
  public List<LoadResult> load(List<LoadItem> items) {
    checkOpen();
    try {
      return blocks.load(items, options.loadDeadline());
    } catch (TransportException e) {
      checkOpen();
      throw failure("load of %d blocks in %s".formatted(items.size(), namespace), e);
    }
  }

  /**
   * Has blocks read where the server has them, without a copy, when it runs on this host and lends
   * its memory. Their checksums are verified first, unless the options say not to.
   *
   * @param reader called on this thread for each block that is lent, before this returns; a block
   *     is good until the reader returns
   * @return one status for each id. Found: it has been read, and what was read was the block. No
   *     memory: not lent, {@link #load} it; so are all where nothing is lent, or payloads are
   *     stored in another form. Damaged: what was read was not the block
   */
  public List<LoadResult.Status> borrow(List<byte[]> ids, BlockReader reader) {
    checkOpen();
    if (!options.transform().isNone()) {
      return Collections.nCopies(ids.size(), LoadResult.Status.NO_MEMORY);
    }
    return transport.borrow(ids, options.loadDeadline(), reader);
  }

  /**
   * Stores blocks; the first writer of an id wins.
   *
   * @param items any number
   * @return one result for each item, in their order. A block of a call that had to change its
   *     transport may be said to be already present though this call stored it.
   */
  public List<StoreResult> store(List<StoreItem> items) {
    checkOpen();
    try {
      return blocks.store(items, options.storeDeadline());
    } catch (TransportException e) {
      checkOpen();
      throw failure("store of %d blocks in %s".formatted(items.size(), namespace), e);
    }
  }

  /** Operations on what is stored in the namespace; good until this client is closed. */
  public BlockControlClient control() {
    checkOpen();
    return new BlockControlClient(
        namespace.toString(), wireNamespace, channel, retries, BlockControlClient.DEADLINE);
  }

  /** The transport that served the last load or store; empty before any. */
  public Optional<TransportKind> transport() {
    return transport.lastUsed();
  }

  /** Ends the calls in progress; idempotent. */
  @Override
  public void close() {
    closed = true;
    blocks.close();
    onClose.accept(this);
  }

  /** Over the transport of the blocks where that takes it, else over gRPC. */
  private MatchResult match(int chain, MatchRequest.Builder request) {
    checkOpen();
    String what = "match of %d blocks in %s".formatted(chain, namespace);
    Deadline until = Deadline.after(options.matchDeadline());
    Optional<byte[]> matched =
        request.hasBlocks() && hasFasterWays
            ? transport.match(request.build().toByteArray(), until.left())
            : Optional.empty();
    MatchResponse response =
        matched
            .map(bytes -> NativeMapping.matchResponse(what, bytes))
            .orElseGet(() ->
                call(
                    what,
                    BlockStoreGrpc.getMatchMethod(),
                    request.setNamespace(wireNamespace).build(),
                    until.left()));
    return NativeMapping.matchResult(what, response, chain);
  }

  private PrefetchResult prefetch(String what, PrefetchRequest request) {
    return NativeMapping.prefetchResult(
        call(what, BlockStoreGrpc.getPrefetchMethod(), request, options.matchDeadline()));
  }

  private <Q, A> A call(String what, MethodDescriptor<Q, A> method, Q request, Duration limit) {
    checkOpen();
    return retries.run(
        what,
        limit,
        deadline ->
            UnaryCall.run(channel, method, CallOptions.DEFAULT, deadline, request, _ -> {}));
  }

  private void checkOpen() {
    if (closed) {
      throw new IllegalStateException("the client of " + namespace + " is closed");
    }
  }

  private static KveikException failure(String what, TransportException cause) {
    return new KveikException(
        switch (cause.code()) {
          case UNAVAILABLE, CLOSED -> KveikException.Code.UNAVAILABLE;
          case DEADLINE_EXCEEDED -> KveikException.Code.DEADLINE_EXCEEDED;
          case DENIED -> KveikException.Code.DENIED;
          case EXHAUSTED -> KveikException.Code.RESOURCE_EXHAUSTED;
          case PROTOCOL -> KveikException.Code.PROTOCOL;
          case INTERRUPTED -> KveikException.Code.INTERRUPTED;
        },
        what + " failed: " + cause.getMessage(),
        cause);
  }
}
