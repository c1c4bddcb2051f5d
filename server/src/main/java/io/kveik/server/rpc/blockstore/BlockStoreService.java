package io.kveik.server.rpc.blockstore;

import com.google.protobuf.ByteString;
import io.grpc.MethodDescriptor;
import io.grpc.ServerServiceDefinition;
import io.grpc.ServiceDescriptor;
import io.grpc.Status;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.ServerCalls;
import io.grpc.stub.StreamObserver;
import io.kveik.server.block.AckLevel;
import io.kveik.server.cache.CacheEngine;
import io.kveik.server.prefetch.Prefetcher;
import io.kveik.server.rpc.call.BadRequest;
import io.kveik.server.rpc.call.BoundedFields;
import io.kveik.server.rpc.call.CallContext;
import io.kveik.server.rpc.call.Inbound;
import io.kveik.server.rpc.call.UnsentAnswer;
import io.kveik.server.rpc.call.UnsentBytes;
import io.kveik.server.session.BlockSession;
import io.kveik.server.session.Endpoint;
import io.kveik.server.session.Matcher;
import io.kveik.server.session.SessionLimits;
import io.kveik.server.session.Tickets;
import io.kveik.server.telemetry.Rpc;
import io.kveik.server.tenant.Namespaces;
import io.kveik.wire.nativev1.BlockStoreGrpc;
import io.kveik.wire.nativev1.DescribeRequest;
import io.kveik.wire.nativev1.DescribeResponse;
import io.kveik.wire.nativev1.LoadRequest;
import io.kveik.wire.nativev1.MatchRequest;
import io.kveik.wire.nativev1.MatchResponse;
import io.kveik.wire.nativev1.OpenSessionRequest;
import io.kveik.wire.nativev1.OpenSessionResponse;
import io.kveik.wire.nativev1.PrefetchRequest;
import io.kveik.wire.nativev1.PrefetchResponse;
import io.kveik.wire.nativev1.StoreResponse;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

/** Binds the RPCs of {@code kveik.v1.BlockStore} to what answers them. */
public final class BlockStoreService {
  /** Room for texts that look like lists; see {@link BoundedFields}. */
  private static final int SPARE_FIELDS = 4_096;

  /**
   * What the service is made with.
   *
   * @param maxTokens most tokens in one Match
   * @param streamAhead blocks of one Load or Store worked on at a time
   * @param defaultAck what a Store waits for that names no level
   */
  public record Options(
      SessionLimits limits, int maxTokens, int streamAhead, AckLevel defaultAck) {}

  private final Options options;
  private final BlockStoreRules rules;
  private final Sessions sessions;
  private final Tickets tickets;
  private final Supplier<List<Endpoint>> endpoints;
  private final MatchHandler match;
  private final PrefetchHandler prefetch;
  private final Prefetcher prefetcher;
  private final CallContext calls;

  /**
   * @param endpoints the faster ways to this server, best first; asked for each time
   */
  public BlockStoreService(
      CacheEngine engine,
      Namespaces namespaces,
      Tickets tickets,
      Supplier<List<Endpoint>> endpoints,
      Prefetcher prefetcher,
      Options options,
      CallContext calls) {
    this.options = options;
    this.rules = rules(options);
    this.sessions = new Sessions(engine, namespaces, rules);
    this.tickets = tickets;
    this.endpoints = endpoints;
    this.prefetcher = prefetcher;
    this.match =
        new MatchHandler(sessions, new ChainMatcher(rules, prefetcher, calls), calls.clock());
    this.prefetch = new PrefetchHandler(sessions, rules, prefetcher, calls);
    this.calls = calls;
  }

  /** What answers Match on the data port. */
  public static Matcher dataMatcher(Options options, Prefetcher prefetcher, CallContext calls) {
    return new DataMatcher(
        new ChainMatcher(rules(options), prefetcher, calls),
        new BoundedFields<>(MatchRequest.getDefaultInstance(), maxFields(options)),
        calls.clock());
  }

  private static BlockStoreRules rules(Options options) {
    return new BlockStoreRules(options.limits(), options.maxTokens(), options.defaultAck());
  }

  private static int maxFields(Options options) {
    return 2 * options.limits().maxIdsPerCall() + SPARE_FIELDS;
  }

  public ServerServiceDefinition definition() {
    int maxFields = maxFields(options);
    MethodDescriptor<Inbound<DescribeRequest>, DescribeResponse> describeMethod =
        Inbound.method(BlockStoreGrpc.getDescribeMethod());
    MethodDescriptor<Inbound<OpenSessionRequest>, OpenSessionResponse> openMethod =
        Inbound.method(BlockStoreGrpc.getOpenSessionMethod());
    MethodDescriptor<Inbound<MatchRequest>, MatchResponse> matchMethod =
        Inbound.method(
            BlockStoreGrpc.getMatchMethod().toBuilder(
                    new BoundedFields<>(MatchRequest.getDefaultInstance(), maxFields),
                    BlockStoreGrpc.getMatchMethod().getResponseMarshaller())
                .build());
    MethodDescriptor<Inbound<PrefetchRequest>, PrefetchResponse> prefetchMethod =
        Inbound.method(
            BlockStoreGrpc.getPrefetchMethod().toBuilder(
                    new BoundedFields<>(PrefetchRequest.getDefaultInstance(), maxFields),
                    BlockStoreGrpc.getPrefetchMethod().getResponseMarshaller())
                .build());
    MethodDescriptor<Inbound<LoadRequest>, LoadReply> loadMethod =
        Inbound.method(
            BlockStoreGrpc.getLoadMethod().toBuilder(
                    new BoundedFields<>(LoadRequest.getDefaultInstance(), maxFields),
                    new LoadReplyMarshaller())
                .build());
    MethodDescriptor<Inbound<InboundStore>, StoreResponse> storeMethod =
        Inbound.method(
            BlockStoreGrpc.getStoreMethod().toBuilder(
                    new InboundStore.Marshaller(),
                    BlockStoreGrpc.getStoreMethod().getResponseMarshaller())
                .build());
    return ServerServiceDefinition.builder(
            ServiceDescriptor.newBuilder(BlockStoreGrpc.SERVICE_NAME)
                .setSchemaDescriptor(BlockStoreGrpc.getServiceDescriptor().getSchemaDescriptor())
                .addMethod(describeMethod)
                .addMethod(openMethod)
                .addMethod(matchMethod)
                .addMethod(prefetchMethod)
                .addMethod(loadMethod)
                .addMethod(storeMethod)
                .build())
        .addMethod(describeMethod, ServerCalls.asyncUnaryCall(this::describe))
        .addMethod(openMethod, ServerCalls.asyncUnaryCall(this::open))
        .addMethod(matchMethod, ServerCalls.asyncUnaryCall(match::handle))
        .addMethod(prefetchMethod, ServerCalls.asyncUnaryCall(prefetch::handle))
        .addMethod(loadMethod, ServerCalls.asyncServerStreamingCall(this::load))
        .addMethod(
            storeMethod,
            ServerCalls.asyncBidiStreamingCall(results ->
                StoreStream.begin(
                    sessions,
                    rules,
                    prefetcher,
                    options.streamAhead(),
                    (ServerCallStreamObserver<StoreResponse>) results,
                    calls)))
        .build();
  }

  private void describe(Inbound<DescribeRequest> inbound, StreamObserver<DescribeResponse> answer) {
    answer.onNext(
        DescribeResponse.newBuilder()
            .setVersion(version())
            .setMaxBlockBytes(options.limits().maxBlockBytes())
            .setMaxIdsPerCall(options.limits().maxIdsPerCall())
            .addAllEndpoints(wireEndpoints())
            .build());
    answer.onCompleted();
  }

  private void open(
      Inbound<OpenSessionRequest> inbound, StreamObserver<OpenSessionResponse> answer) {
    try {
      BlockSession session = sessions.of(inbound.request().getNamespace());
      answer.onNext(
          OpenSessionResponse.newBuilder()
              .setTicket(ByteString.copyFrom(tickets.issue(session)))
              .setExpiresInMs(Math.toIntExact(tickets.lifeMillis()))
              .addAllEndpoints(wireEndpoints())
              .build());
      answer.onCompleted();
    } catch (BadRequest e) {
      refuse(e, answer);
    }
  }

  private void load(Inbound<LoadRequest> inbound, StreamObserver<LoadReply> answers) {
    long startNanos = calls.clock().nanoTime();
    try {
      LoadRequest request = inbound.request();
      LoadStream.begin(
          sessions.of(request.getNamespace()),
          rules.ranges(request),
          request.getOrder() == LoadRequest.Order.ORDER_REQUEST,
          options.streamAhead(),
          (ServerCallStreamObserver<LoadReply>) answers,
          new UnsentAnswer(UnsentBytes.current()),
          calls);
    } catch (BadRequest e) {
      calls.failed(Rpc.LOAD, "", startNanos, e.text());
      refuse(e, answers);
    }
  }

  private List<io.kveik.wire.nativev1.Endpoint> wireEndpoints() {
    return endpoints.get().stream()
        .map(one ->
            io.kveik.wire.nativev1.Endpoint.newBuilder()
                .setKind(
                    switch (one.kind()) {
                      case TCP -> io.kveik.wire.nativev1.Endpoint.Kind.KIND_TCP;
                      case UNIX -> io.kveik.wire.nativev1.Endpoint.Kind.KIND_UNIX;
                      case SAME_HOST -> io.kveik.wire.nativev1.Endpoint.Kind.KIND_SAME_HOST;
                    })
                .setAddress(one.address())
                .setTls(one.tls())
                .setMatch(true)
                .build())
        .toList();
  }

  private static String version() {
    return Optional.ofNullable(BlockStoreService.class.getPackage().getImplementationVersion())
        .orElse("unreleased");
  }

  private static void refuse(BadRequest reason, StreamObserver<?> answer) {
    answer.onError(Status.INVALID_ARGUMENT.withDescription(reason.text()).asRuntimeException());
  }
}
