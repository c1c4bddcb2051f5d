package io.kveik.client;

import com.google.protobuf.ByteString;
import com.google.protobuf.UnsafeByteOperations;
import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.MethodDescriptor;
import io.kveik.wire.nativev1.BlockControlGrpc;
import io.kveik.wire.nativev1.ControlResponse;
import io.kveik.wire.nativev1.DeleteRequest;
import io.kveik.wire.nativev1.Namespace;
import io.kveik.wire.nativev1.PinRequest;
import io.kveik.wire.nativev1.PrefetchBlocksRequest;
import io.kveik.wire.nativev1.QueryRequest;
import io.kveik.wire.nativev1.QueryResponse;
import io.kveik.wire.nativev1.SetEvictionPolicyRequest;
import io.kveik.wire.nativev1.SetPriorityRequest;
import io.kveik.wire.nativev1.SetTtlRequest;
import io.kveik.wire.nativev1.UnpinRequest;
import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Operations on the stored blocks of one namespace; none counts as use of a block. Made by {@link
 * NamespaceClient#control} and, for blocks that v1 clients stored, by {@link
 * BlockClient#v1Control}.
 *
 * <p>Any thread. A call blocks its thread until its deadline at most; one that ran into it has done
 * a part of its work, and doing it again does the rest. Failures are {@link KveikException}, {@code
 * RESOURCE_EXHAUSTED} where a limit of the server's was hit.
 */
public final class BlockControlClient {
  /** How long a call may take unless {@link #withDeadline} says otherwise. */
  public static final Duration DEADLINE = Duration.ofSeconds(30);

  private final String name;
  private final Namespace namespace;
  private final Channel channel;
  private final RetryPolicy retries;
  private final Duration deadline;

  /**
   * @param name of the namespace, for errors
   */
  BlockControlClient(
      String name, Namespace namespace, Channel channel, RetryPolicy retries, Duration deadline) {
    this.name = name;
    this.namespace = namespace;
    this.channel = channel;
    this.retries = retries;
    this.deadline = deadline;
  }

  /** The same with another limit for each call. */
  public BlockControlClient withDeadline(Duration limit) {
    return new BlockControlClient(name, namespace, channel, retries, limit);
  }

  /**
   * Describes blocks, a page at a time. Blocks that come or go between pages may be missed or told;
   * one that stays is told exactly once.
   *
   * @param pageBlocks most blocks in the page; 0: as many as the server's limit allows
   * @param from what the page before answered; null for the first
   */
  public StoredBlockPage query(
      BlockSelector selector, int pageBlocks, StoredBlockPage.@Nullable Token from) {
    QueryRequest request =
        QueryRequest.newBuilder()
            .setNamespace(namespace)
            .setSelector(ControlMapping.toWire(selector))
            .setPageSize(pageBlocks)
            .setPageToken(
                from == null ? ByteString.EMPTY : UnsafeByteOperations.unsafeWrap(from.bytes()))
            .build();
    QueryResponse response = call("query", BlockControlGrpc.getQueryMethod(), request);
    return new StoredBlockPage(
        response.getBlocksList().stream().map(ControlMapping::info).toList(),
        response.getNextPageToken().isEmpty()
            ? Optional.empty()
            : Optional.of(StoredBlockPage.Token.copyOf(response.getNextPageToken().toByteArray())));
  }

  /**
   * Removes blocks from every tier of the server: from the return on they are unreadable, also
   * after a restart. They may be stored again.
   */
  public ControlResult delete(BlockSelector selector) {
    return control(
        "delete",
        BlockControlGrpc.getDeleteMethod(),
        DeleteRequest.newBuilder()
            .setNamespace(namespace)
            .setSelector(ControlMapping.toWire(selector))
            .build());
  }

  /**
   * Sets how often eviction passes over blocks. Soft; holds over restarts of the server.
   *
   * @param priority 0 to 3
   */
  public ControlResult setPriority(BlockSelector selector, int priority) {
    return control(
        "set_priority",
        BlockControlGrpc.getSetPriorityMethod(),
        SetPriorityRequest.newBuilder()
            .setNamespace(namespace)
            .setSelector(ControlMapping.toWire(selector))
            .setPriority(priority)
            .build());
  }

  /**
   * Gives blocks another time to live in place of what they have. Holds over restarts of the
   * server; a life by use counts anew then.
   *
   * @param ttl whole milliseconds; zero: the blocks stay until they are evicted
   */
  public ControlResult setTtl(BlockSelector selector, TtlKind kind, Duration ttl) {
    return control(
        "set_ttl",
        BlockControlGrpc.getSetTtlMethod(),
        SetTtlRequest.newBuilder()
            .setNamespace(namespace)
            .setSelector(ControlMapping.toWire(selector))
            .setKind(ControlMapping.toWire(kind))
            .setTtlMs(ttl.toMillis())
            .build());
  }

  /**
   * Gives the namespace an eviction policy of its own, for the blocks it has and those it gets.
   * Kept over a restart of the server.
   *
   * @return {@code changed}: the blocks that it has whose policy changed
   */
  public ControlResult setEvictionPolicy(EvictionPolicy policy) {
    return control(
        "set_eviction_policy",
        BlockControlGrpc.getSetEvictionPolicyMethod(),
        SetEvictionPolicyRequest.newBuilder()
            .setNamespace(namespace)
            .setPolicy(ControlMapping.toWire(policy))
            .build());
  }

  /** Brings blocks to DRAM, up to a share of it; what lies beyond is matched and left. */
  public ControlResult prefetch(BlockSelector selector) {
    return control(
        "prefetch",
        BlockControlGrpc.getPrefetchMethod(),
        PrefetchBlocksRequest.newBuilder()
            .setNamespace(namespace)
            .setSelector(ControlMapping.toWire(selector))
            .build());
  }

  /**
   * Keeps blocks that are in DRAM there. Soft: a namespace may pin up to a share of DRAM, and where
   * nothing else can be evicted the oldest pins end. After a restart of the server they are brought
   * to DRAM again.
   */
  public ControlResult pin(BlockSelector selector) {
    return control(
        "pin",
        BlockControlGrpc.getPinMethod(),
        PinRequest.newBuilder()
            .setNamespace(namespace)
            .setSelector(ControlMapping.toWire(selector))
            .build());
  }

  public ControlResult unpin(BlockSelector selector) {
    return control(
        "unpin",
        BlockControlGrpc.getUnpinMethod(),
        UnpinRequest.newBuilder()
            .setNamespace(namespace)
            .setSelector(ControlMapping.toWire(selector))
            .build());
  }

  private <Q> ControlResult control(
      String what, MethodDescriptor<Q, ControlResponse> method, Q request) {
    ControlResponse response = call(what, method, request);
    return new ControlResult(
        response.getMatched(),
        response.getChanged(),
        response.getBytes(),
        response.getOwingTiersList().stream().toList());
  }

  private <Q, A> A call(String what, MethodDescriptor<Q, A> method, Q request) {
    return retries.run(
        what + " in " + name,
        deadline,
        limit -> UnaryCall.run(channel, method, CallOptions.DEFAULT, limit, request, _ -> {}));
  }
}
