package io.kveik.client;

import io.grpc.ManagedChannel;
import io.grpc.netty.NettyChannelBuilder;
import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.ChannelOption;
import io.netty.channel.WriteBufferWaterMark;
import java.util.concurrent.TimeUnit;

/** Opens the one connection of a client, tuned for messages of a megabyte and more. */
final class Connections {
  private static final int FLOW_CONTROL_WINDOW_BYTES = 64 << 20;
  private static final int WRITE_BUFFER_LOW_BYTES = 4 << 20;
  private static final int WRITE_BUFFER_HIGH_BYTES = 8 << 20;
  private static final int KEEP_ALIVE_SECONDS = 10;
  private static final int KEEP_ALIVE_TIMEOUT_SECONDS = 5;

  private Connections() {}

  /** Connects in the background; calls made meanwhile wait, within their deadlines. */
  static ManagedChannel open(String target) {
    return NettyChannelBuilder.forTarget(target)
        .usePlaintext()
        .keepAliveTime(KEEP_ALIVE_SECONDS, TimeUnit.SECONDS)
        .keepAliveTimeout(KEEP_ALIVE_TIMEOUT_SECONDS, TimeUnit.SECONDS)
        .keepAliveWithoutCalls(true)
        .maxInboundMessageSize(Integer.MAX_VALUE)
        .initialFlowControlWindow(FLOW_CONTROL_WINDOW_BYTES)
        .withOption(ChannelOption.TCP_NODELAY, true)
        .withOption(
            ChannelOption.WRITE_BUFFER_WATER_MARK,
            new WriteBufferWaterMark(WRITE_BUFFER_LOW_BYTES, WRITE_BUFFER_HIGH_BYTES))
        // gRPC's own allocator keeps small arenas, which churn on messages of this size.
        .withOption(ChannelOption.ALLOCATOR, ByteBufAllocator.DEFAULT)
        // Its buffer holds 1 MiB, less than a block; RetryPolicy tries again instead.
        .disableRetry()
        // Callbacks only store what they bring.
        .directExecutor()
        .build();
  }
}
