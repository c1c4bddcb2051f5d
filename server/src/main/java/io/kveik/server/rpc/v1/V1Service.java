package io.kveik.server.rpc.v1;

import io.grpc.MethodDescriptor;
import io.grpc.ServerServiceDefinition;
import io.grpc.ServiceDescriptor;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.ServerCalls;
import io.grpc.stub.StreamObserver;
import io.kveik.server.block.AckLevel;
import io.kveik.server.cache.CacheEngine;
import io.kveik.server.rpc.call.CallContext;
import io.kveik.server.rpc.call.Inbound;
import io.kveik.server.runtime.Scheduler;
import io.kveik.server.tenant.Namespaces;
import io.kveik.wire.v1.KVStoreServiceGrpc;
import io.kveik.wire.v1.LookupRequest;
import io.kveik.wire.v1.LookupResponse;
import io.kveik.wire.v1.ReadRequest;
import io.kveik.wire.v1.ReadResponse;
import io.kveik.wire.v1.WriteResponse;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;

/**
 * The v1 wire: the original's four RPCs, with marshallers that move payloads between transport and
 * tier memory directly.
 */
public final class V1Service {
  private static final long IDLE_CHECK_MILLIS = 1_000;
  private static final long NANOS_PER_MILLI = 1_000_000;

  /**
   * What the service is made with.
   *
   * @param maxBlockBytes largest buffer of one block
   * @param maxLookupTokens most tokens in one Lookup
   * @param streamAhead requests of one StreamingRead worked on at a time
   * @param callIdleMillis a stream that makes no progress for so long is ended
   * @param defaultAck what a Write waits for that names no level
   */
  public record Options(
      int maxBlockBytes,
      int maxLookupTokens,
      int streamAhead,
      long callIdleMillis,
      AckLevel defaultAck) {}

  private final LookupHandler lookup;
  private final ReadHandler read;
  private final WriteHandler write;
  private final BlockReads reads;
  private final CallContext calls;
  private final Options options;
  private final Set<StreamingRead> streams = ConcurrentHashMap.newKeySet();
  private final LongAdder endedIdle = new LongAdder();

  public V1Service(
      CacheEngine engine,
      Namespaces namespaces,
      Options options,
      CallContext calls,
      Scheduler scheduler) {
    V1Rules rules = new V1Rules(options.maxBlockBytes(), options.maxLookupTokens());
    this.options = options;
    this.calls = calls;
    this.reads = new BlockReads(engine, namespaces, rules);
    this.lookup = new LookupHandler(engine, namespaces, rules, calls);
    this.read = new ReadHandler(reads, calls);
    this.write = new WriteHandler(engine, namespaces, rules, options.defaultAck(), calls);
    scheduler.every(IDLE_CHECK_MILLIS, this::endIdleStreams);
  }

  /** Streams that were ended because nothing moved. */
  public long endedIdleCount() {
    return endedIdle.sum();
  }

  public ServerServiceDefinition definition() {
    ReadReplyMarshaller replies = new ReadReplyMarshaller(calls.clock());
    MethodDescriptor<Inbound<LookupRequest>, LookupResponse> lookupMethod =
        Inbound.method(
            KVStoreServiceGrpc.getLookupMethod().toBuilder(
                    new LookupRequestMarshaller(options.maxLookupTokens()),
                    KVStoreServiceGrpc.getLookupMethod().getResponseMarshaller())
                .build());
    MethodDescriptor<Inbound<ReadRequest>, ReadReply> readMethod =
        answering(KVStoreServiceGrpc.getReadMethod(), replies);
    MethodDescriptor<Inbound<ReadRequest>, ReadReply> streamingReadMethod =
        answering(KVStoreServiceGrpc.getStreamingReadMethod(), replies);
    MethodDescriptor<Inbound<InboundWrite>, WriteResponse> writeMethod =
        Inbound.method(
            KVStoreServiceGrpc.getWriteMethod().toBuilder(
                    new InboundWriteMarshaller(),
                    KVStoreServiceGrpc.getWriteMethod().getResponseMarshaller())
                .build());
    return ServerServiceDefinition.builder(
            ServiceDescriptor.newBuilder(KVStoreServiceGrpc.SERVICE_NAME)
                .setSchemaDescriptor(
                    KVStoreServiceGrpc.getServiceDescriptor().getSchemaDescriptor())
                .addMethod(lookupMethod)
                .addMethod(readMethod)
                .addMethod(writeMethod)
                .addMethod(streamingReadMethod)
                .build())
        .addMethod(lookupMethod, ServerCalls.asyncUnaryCall(lookup::handle))
        .addMethod(
            readMethod,
            ServerCalls.asyncUnaryCall(
                (Inbound<ReadRequest> request, StreamObserver<ReadReply> answer) ->
                    read.handle(request, (ServerCallStreamObserver<ReadReply>) answer)))
        .addMethod(writeMethod, ServerCalls.asyncUnaryCall(write::handle))
        .addMethod(streamingReadMethod, ServerCalls.asyncBidiStreamingCall(this::stream))
        .build();
  }

  private static MethodDescriptor<Inbound<ReadRequest>, ReadReply> answering(
      MethodDescriptor<ReadRequest, ReadResponse> method, ReadReplyMarshaller replies) {
    return Inbound.method(method.toBuilder(method.getRequestMarshaller(), replies).build());
  }

  private StreamObserver<Inbound<ReadRequest>> stream(StreamObserver<ReadReply> answers) {
    StreamingRead stream =
        StreamingRead.begin(
            reads,
            calls,
            (ServerCallStreamObserver<ReadReply>) answers,
            options.streamAhead(),
            endedIdle::increment,
            streams::remove);
    streams.add(stream);
    return stream;
  }

  private void endIdleStreams() {
    long idleNanos = options.callIdleMillis() * NANOS_PER_MILLI;
    streams.removeIf(stream -> stream.endIfIdle(idleNanos));
  }
}
