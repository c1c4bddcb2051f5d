package io.kveik.server.rpc;

import io.grpc.BindableService;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.Server;
import io.grpc.ServerCall;
import io.grpc.ServerCallExecutorSupplier;
import io.grpc.health.v1.HealthCheckResponse.ServingStatus;
import io.grpc.netty.NettyServerBuilder;
import io.grpc.protobuf.services.HealthStatusManager;
import io.grpc.protobuf.services.ProtoReflectionService;
import io.grpc.protobuf.services.ProtoReflectionServiceV1;
import io.kveik.client.http2.PayloadAllocator;
import io.kveik.client.http2.ReceiveBuffers;
import io.kveik.server.cache.CacheEngine;
import io.kveik.server.prefetch.Prefetcher;
import io.kveik.server.rpc.blockstore.BlockStoreService;
import io.kveik.server.rpc.call.CallContext;
import io.kveik.server.rpc.call.RequestIds;
import io.kveik.server.rpc.call.UnsentBytes;
import io.kveik.server.rpc.control.BlockControlService;
import io.kveik.server.rpc.control.ControlJson;
import io.kveik.server.rpc.v1.V1Service;
import io.kveik.server.runtime.Clock;
import io.kveik.server.runtime.Scheduler;
import io.kveik.server.runtime.Workers;
import io.kveik.server.session.Endpoint;
import io.kveik.server.session.Tickets;
import io.kveik.server.telemetry.RpcMeters;
import io.kveik.server.tenant.Namespaces;
import io.kveik.wire.nativev1.BlockControlGrpc;
import io.kveik.wire.nativev1.BlockStoreGrpc;
import io.kveik.wire.v1.KVStoreServiceGrpc;
import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.nio.NioIoHandler;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The gRPC server: v1, the native service, health and reflection on one port.
 *
 * <p>Threads: Netty's event loops read and write sockets and answer what never waits (reads from
 * DRAM, health). Lookups and writes, which hash or copy for up to a millisecond, run on the call
 * workers. Nothing waits on either.
 */
public final class GrpcServer implements AutoCloseable {
  /** Room in a message for everything that is not the buffer. */
  private static final int MESSAGE_OVERHEAD_BYTES = 8 * 1024 * 1024;

  private static final long DEAF_CHECK_MILLIS = 1_000;

  /**
   * The server's settings.
   *
   * @param address where to listen; port 0 takes a free one
   * @param threads call workers; 0: one per core
   * @param drainMillis how long calls in progress may take to finish at {@link #close}
   */
  public record Options(
      InetSocketAddress address,
      int threads,
      boolean tcpNoDelay,
      long keepaliveMillis,
      long keepaliveTimeoutMillis,
      long permitPingMillis,
      int maxStreams,
      int maxFrameBytes,
      int receiveBytes,
      int receiveBuffers,
      int windowBytes,
      int watermarkBytes,
      int maxConnections,
      int maxCalls,
      long unsentBytes,
      long inboundBytes,
      long drainMillis,
      V1Service.Options v1,
      BlockStoreService.Options blockStore,
      BlockControlService.Options blockControl) {}

  private final Options options;
  private final Server server;
  private final HealthStatusManager health = new HealthStatusManager();
  private final ConnectionGate gate;
  private final CallGuard guard;
  private final UnsentBytes unsent;
  private final InboundBytes inbound;
  private final Workers workers;
  private final V1Service v1;
  private final BlockStoreService blockStore;
  private final BlockControlService blockControl;
  private final EventLoopGroup bosses;
  private final EventLoopGroup loops;

  public GrpcServer(
      Options options,
      CacheEngine engine,
      Namespaces namespaces,
      Tickets tickets,
      Supplier<List<Endpoint>> endpoints,
      Prefetcher prefetcher,
      RpcMeters meters,
      Scheduler scheduler,
      Clock clock) {
    this.options = options;
    this.gate = new ConnectionGate(options.maxConnections(), options.maxFrameBytes());
    this.guard = new CallGuard(options.maxCalls(), options.v1().callIdleMillis(), clock, scheduler);
    this.unsent = new UnsentBytes(options.unsentBytes(), clock);
    long idleNanos = TimeUnit.MILLISECONDS.toNanos(options.v1().callIdleMillis());
    scheduler.every(DEAF_CHECK_MILLIS, () -> unsent.forEachDeaf(idleNanos, gate::close));
    int largestMessage = options.v1().maxBlockBytes() + MESSAGE_OVERHEAD_BYTES;
    this.inbound =
        new InboundBytes(
            options.inboundBytes(),
            largestMessage,
            options.blockStore().limits().maxIdsPerCall(),
            options.blockStore().maxTokens());
    int threads =
        options.threads() == 0 ? Runtime.getRuntime().availableProcessors() : options.threads();
    // A call has at most one task queued at a time, so this is room for all there may be.
    this.workers = new Workers("call", threads, 2 * options.maxCalls());
    boolean epoll = Epoll.isAvailable();
    IoHandlerFactory io = epoll ? EpollIoHandler.newFactory() : NioIoHandler.newFactory();
    this.bosses = new MultiThreadIoEventLoopGroup(1, io);
    this.loops = new MultiThreadIoEventLoopGroup(io);
    this.v1 =
        new V1Service(engine, namespaces, options.v1(), new CallContext(clock, meters), scheduler);
    this.blockStore =
        new BlockStoreService(
            engine,
            namespaces,
            tickets,
            endpoints,
            prefetcher,
            options.blockStore(),
            new CallContext(clock, meters));
    this.blockControl =
        new BlockControlService(
            engine.control(), namespaces, options.blockControl(), new CallContext(clock, meters));
    this.server =
        NettyServerBuilder.forAddress(options.address())
            .channelFactory(gate.serverChannels(epoll))
            .bossEventLoopGroup(bosses)
            .workerEventLoopGroup(loops)
            .directExecutor()
            .callExecutor(new ByMethod(workers))
            .withChildOption(
                ChannelOption.ALLOCATOR, new PayloadAllocator(ByteBufAllocator.DEFAULT))
            .withChildOption(ChannelOption.TCP_NODELAY, options.tcpNoDelay())
            .withChildOption(
                ChannelOption.RECVBUF_ALLOCATOR,
                new ReceiveBuffers(options.receiveBytes(), options.receiveBuffers()))
            .withChildOption(
                ChannelOption.WRITE_BUFFER_WATER_MARK,
                new WriteBufferWaterMark(options.watermarkBytes() / 2, options.watermarkBytes()))
            .keepAliveTime(options.keepaliveMillis(), TimeUnit.MILLISECONDS)
            .keepAliveTimeout(options.keepaliveTimeoutMillis(), TimeUnit.MILLISECONDS)
            .permitKeepAliveTime(options.permitPingMillis(), TimeUnit.MILLISECONDS)
            .permitKeepAliveWithoutCalls(true)
            .maxConcurrentCallsPerConnection(options.maxStreams())
            .initialFlowControlWindow(options.windowBytes())
            .maxInboundMessageSize(largestMessage)
            .addStreamTracerFactory(inbound)
            .addTransportFilter(inbound.connections())
            .addTransportFilter(unsent)
            .intercept(unsent)
            .intercept(new RequestIds())
            .intercept(guard)
            .addService(v1.definition())
            .addService(blockStore.definition())
            .addService(blockControl.definition())
            .addService(health.getHealthService())
            .addService(ProtoReflectionServiceV1.newInstance())
            .addService(oldReflection())
            .build();
  }

  /** Reflection as v1alpha, which is all that Python's own client and older tools ask for. */
  @SuppressWarnings("deprecation") // gRPC's word for it: new servers need both for now.
  private static BindableService oldReflection() {
    return ProtoReflectionService.newInstance();
  }

  /** Where each method's handler runs. */
  private static final class ByMethod implements ServerCallExecutorSupplier {
    private static final Set<String> ON_WORKERS =
        Set.of(
            KVStoreServiceGrpc.getLookupMethod().getFullMethodName(),
            KVStoreServiceGrpc.getWriteMethod().getFullMethodName(),
            BlockStoreGrpc.getMatchMethod().getFullMethodName(),
            BlockStoreGrpc.getPrefetchMethod().getFullMethodName(),
            BlockStoreGrpc.getStoreMethod().getFullMethodName());

    /** Its requests are as large as those of Match, and their keys are derived. */
    private static boolean onWorkers(MethodDescriptor<?, ?> method) {
      return ON_WORKERS.contains(method.getFullMethodName())
          || BlockControlGrpc.SERVICE_NAME.equals(method.getServiceName());
    }

    private final Executor workers;

    ByMethod(Executor workers) {
      this.workers = workers;
    }

    @Override
    public <Q, A> @Nullable Executor getExecutor(ServerCall<Q, A> call, Metadata metadata) {
      return onWorkers(call.getMethodDescriptor()) ? workers : null;
    }
  }

  /**
   * Opens the port.
   *
   * @throws IOException when the address can't be had
   */
  public void start() throws IOException {
    server.start();
    health.setStatus(HealthStatusManager.SERVICE_NAME_ALL_SERVICES, ServingStatus.SERVING);
    health.setStatus(KVStoreServiceGrpc.SERVICE_NAME, ServingStatus.SERVING);
    health.setStatus(BlockStoreGrpc.SERVICE_NAME, ServingStatus.SERVING);
    health.setStatus(BlockControlGrpc.SERVICE_NAME, ServingStatus.SERVING);
  }

  /** The port it listens on. */
  public int port() {
    return server.getPort();
  }

  /** The control operations as JSON. */
  public ControlJson controlJson() {
    return blockControl.json();
  }

  public GrpcStatus status() {
    return new GrpcStatus(
        gate.openConnections(),
        gate.refusedCount(),
        guard.activeCalls(),
        guard.refusedCount(),
        guard.endedIdleCount() + v1.endedIdleCount(),
        unsent.bytes(),
        unsent.refusedCount(),
        inbound.bytes(),
        inbound.refusedCount(),
        gate.closedDeafCount());
  }

  /**
   * Drains: health turns to NOT_SERVING, no new calls are taken, those in progress may finish
   * within the drain time, the rest are cancelled.
   */
  @Override
  public void close() {
    health.enterTerminalState();
    server.shutdown();
    try {
      if (!server.awaitTermination(options.drainMillis(), TimeUnit.MILLISECONDS)) {
        server.shutdownNow();
        server.awaitTermination(1, TimeUnit.SECONDS);
      }
    } catch (InterruptedException e) {
      server.shutdownNow();
      Thread.currentThread().interrupt();
    }
    workers.close();
    loops.shutdownGracefully(0, 1, TimeUnit.SECONDS);
    bosses.shutdownGracefully(0, 1, TimeUnit.SECONDS);
  }
}
