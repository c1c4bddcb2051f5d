package io.kveik.client;

import io.grpc.ConnectivityState;
import io.grpc.ManagedChannel;
import io.grpc.netty.NettyChannelBuilder;
import io.kveik.client.http2.PayloadAllocator;
import io.kveik.client.http2.ReceiveBuffers;
import io.kveik.client.http2.Tuning;
import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.util.concurrent.TimeUnit;

/** Opens the one connection of a client, tuned for messages of a megabyte and more. */
final class Connections {
  private static final int FLOW_CONTROL_WINDOW_BYTES = 64 << 20;
  private static final int WRITE_BUFFER_LOW_BYTES = 4 << 20;
  private static final int WRITE_BUFFER_HIGH_BYTES = 8 << 20;
  private static final long CLOSE_MILLIS = 5_000;
  private static final int KEEP_ALIVE_SECONDS = 10;
  private static final int KEEP_ALIVE_TIMEOUT_SECONDS = 5;

  /** Larger ones cost the receiver more in gathering a frame than they save in heads. */
  private static final int MAX_FRAME_BYTES = 256 << 10;

  /** What one read of the socket takes at most. */
  private static final int RECEIVE_BYTES = 256 << 10;

  /** Of that size, kept by the process when no answer is in them. */
  private static final int RECEIVE_BUFFERS = 64;

  private Connections() {}

  /**
   * What all clients of this process share: event loops, whose threads are daemons, and buffers.
   */
  private static final class Loops {
    static final boolean EPOLL = Epoll.isAvailable();
    static final EventLoopGroup GROUP =
        new MultiThreadIoEventLoopGroup(
            new DefaultThreadFactory("kveik-client", true),
            EPOLL ? EpollIoHandler.newFactory() : NioIoHandler.newFactory());
    static final ReceiveBuffers BUFFERS = new ReceiveBuffers(RECEIVE_BYTES, RECEIVE_BUFFERS);
  }

  private static Channel socket() {
    Channel socket = Loops.EPOLL ? new EpollSocketChannel() : new NioSocketChannel();
    socket.pipeline().addFirst(new Tuning(MAX_FRAME_BYTES));
    return socket;
  }

  /** Connects in the background; calls made meanwhile wait, within their deadlines. */
  static ManagedChannel open(String target) {
    return NettyChannelBuilder.forTarget(target)
        .usePlaintext()
        .keepAliveTime(KEEP_ALIVE_SECONDS, TimeUnit.SECONDS)
        .keepAliveTimeout(KEEP_ALIVE_TIMEOUT_SECONDS, TimeUnit.SECONDS)
        .keepAliveWithoutCalls(true)
        .maxInboundMessageSize(Integer.MAX_VALUE)
        .initialFlowControlWindow(FLOW_CONTROL_WINDOW_BYTES)
        // One loop, not the group: gRPC sets a call's deadline timer on the next loop of what it is
        // given, and each call would wake a thread that has nothing else to do.
        .eventLoopGroup(Loops.GROUP.next())
        .channelFactory(Connections::socket)
        .withOption(ChannelOption.TCP_NODELAY, true)
        .withOption(ChannelOption.RECVBUF_ALLOCATOR, Loops.BUFFERS)
        .withOption(
            ChannelOption.WRITE_BUFFER_WATER_MARK,
            new WriteBufferWaterMark(WRITE_BUFFER_LOW_BYTES, WRITE_BUFFER_HIGH_BYTES))
        // gRPC's own allocator keeps small arenas, which churn on messages of this size.
        .withOption(ChannelOption.ALLOCATOR, new PayloadAllocator(ByteBufAllocator.DEFAULT))
        // Its buffer holds 1 MiB, less than a block; RetryPolicy tries again instead.
        .disableRetry()
        // Callbacks only store what they bring.
        .directExecutor()
        .build();
  }

  /** Ends the channel's own pause between connections, which outlasts any retry of ours. */
  static void reconnect(ManagedChannel channel) {
    if (channel.getState(false) == ConnectivityState.TRANSIENT_FAILURE) {
      channel.resetConnectBackoff();
    }
  }

  /** Ends it and the calls in progress, and waits a little for that. */
  static void close(ManagedChannel channel) {
    channel.shutdownNow();
    try {
      channel.awaitTermination(CLOSE_MILLIS, TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
