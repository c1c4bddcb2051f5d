package io.kveik.server.rpc.control;

import com.google.protobuf.Message;
import io.grpc.MethodDescriptor;
import io.grpc.ServerServiceDefinition;
import io.grpc.ServiceDescriptor;
import io.grpc.Status;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.ServerCalls;
import io.grpc.stub.StreamObserver;
import io.kveik.server.cache.BlockControl;
import io.kveik.server.rpc.call.BadRequest;
import io.kveik.server.rpc.call.BoundedFields;
import io.kveik.server.rpc.call.CallContext;
import io.kveik.server.rpc.call.Inbound;
import io.kveik.server.telemetry.Rpc;
import io.kveik.server.tenant.Namespaces;
import io.kveik.wire.nativev1.BlockControlGrpc;
import io.kveik.wire.nativev1.DeleteRequest;
import io.kveik.wire.nativev1.PinRequest;
import io.kveik.wire.nativev1.PrefetchBlocksRequest;
import io.kveik.wire.nativev1.QueryRequest;
import io.kveik.wire.nativev1.SetEvictionPolicyRequest;
import io.kveik.wire.nativev1.SetPriorityRequest;
import io.kveik.wire.nativev1.SetTtlRequest;
import io.kveik.wire.nativev1.UnpinRequest;
import java.util.List;

/**
 * Binds the RPCs of {@code kveik.v1.BlockControl} to what answers them. A call that is cancelled or
 * runs into its deadline stops its operation after the slice in progress.
 */
public final class BlockControlService {
  /** Room for texts that look like lists; see {@link BoundedFields}. */
  private static final int SPARE_FIELDS = 4_096;

  /**
   * What the service is made with.
   *
   * @param maxIds most ids in a selector
   * @param maxTokens most tokens in a selector
   * @param maxPage most blocks in a page of a query
   */
  public record Options(int maxIds, int maxTokens, int maxPage) {}

  private final Options options;
  private final ControlHandler handler;

  public BlockControlService(
      BlockControl control, Namespaces namespaces, Options options, CallContext calls) {
    this.options = options;
    this.handler =
        new ControlHandler(
            control,
            new ControlRules(namespaces, options.maxIds(), options.maxTokens(), options.maxPage()),
            calls);
  }

  /** The same operations as JSON. */
  public ControlJson json() {
    return new ControlJson(handler);
  }

  public ServerServiceDefinition definition() {
    List<Bound<?, ?>> methods =
        List.of(
            bound(Rpc.QUERY, BlockControlGrpc.getQueryMethod(), QueryRequest.getDefaultInstance()),
            bound(
                Rpc.DELETE, BlockControlGrpc.getDeleteMethod(), DeleteRequest.getDefaultInstance()),
            bound(
                Rpc.SET_PRIORITY,
                BlockControlGrpc.getSetPriorityMethod(),
                SetPriorityRequest.getDefaultInstance()),
            bound(
                Rpc.SET_TTL,
                BlockControlGrpc.getSetTtlMethod(),
                SetTtlRequest.getDefaultInstance()),
            bound(
                Rpc.SET_EVICTION_POLICY,
                BlockControlGrpc.getSetEvictionPolicyMethod(),
                SetEvictionPolicyRequest.getDefaultInstance()),
            bound(
                Rpc.PREFETCH,
                BlockControlGrpc.getPrefetchMethod(),
                PrefetchBlocksRequest.getDefaultInstance()),
            bound(Rpc.PIN, BlockControlGrpc.getPinMethod(), PinRequest.getDefaultInstance()),
            bound(Rpc.UNPIN, BlockControlGrpc.getUnpinMethod(), UnpinRequest.getDefaultInstance()));
    ServiceDescriptor.Builder descriptor =
        ServiceDescriptor.newBuilder(BlockControlGrpc.SERVICE_NAME)
            .setSchemaDescriptor(BlockControlGrpc.getServiceDescriptor().getSchemaDescriptor());
    methods.forEach(bound -> descriptor.addMethod(bound.method()));
    ServerServiceDefinition.Builder definition =
        ServerServiceDefinition.builder(descriptor.build());
    methods.forEach(bound -> bound.addTo(definition, handler));
    return definition.build();
  }

  private <Q extends Message, A extends Message> Bound<Q, A> bound(
      Rpc rpc, MethodDescriptor<Q, A> method, Q prototype) {
    int maxFields = 2 * options.maxIds() + SPARE_FIELDS;
    return new Bound<>(
        rpc,
        Inbound.method(
            method.toBuilder(
                    new BoundedFields<>(prototype, maxFields), method.getResponseMarshaller())
                .build()));
  }

  /** One RPC. */
  private record Bound<Q extends Message, A extends Message>(
      Rpc rpc, MethodDescriptor<Inbound<Q>, A> method) {
    void addTo(ServerServiceDefinition.Builder service, ControlHandler handler) {
      service.addMethod(
          method,
          ServerCalls.asyncUnaryCall((inbound, answer) -> {
            ServerCallStreamObserver<A> call = (ServerCallStreamObserver<A>) answer;
            call.setOnCancelHandler(() -> {});
            try {
              handler
                  .handle(inbound.request(), call::isCancelled)
                  .thenAccept(outcome -> answer(outcome, call));
            } catch (BadRequest e) {
              handler.refuse(rpc, e).thenAccept(outcome -> answer(outcome, call));
            }
          }));
    }

    @SuppressWarnings("unchecked") // The handler answers a request with its own response.
    private void answer(ControlAnswer outcome, StreamObserver<A> call) {
      switch (outcome) {
        case ControlAnswer.Done(Message response) -> {
          call.onNext((A) response);
          call.onCompleted();
        }
        case ControlAnswer.Refused(ControlAnswer.Kind kind, String text) ->
            call.onError(status(kind).withDescription(text).asRuntimeException());
      }
    }

    private static Status status(ControlAnswer.Kind kind) {
      return switch (kind) {
        case INVALID -> Status.INVALID_ARGUMENT;
        case EXHAUSTED -> Status.RESOURCE_EXHAUSTED;
        case UNAVAILABLE -> Status.UNAVAILABLE;
        case STOPPED -> Status.CANCELLED;
        case FAILED -> Status.INTERNAL;
      };
    }
  }
}
