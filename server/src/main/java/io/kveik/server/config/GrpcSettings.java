package io.kveik.server.config;

import static io.kveik.server.config.Setting.Kind.BYTES;
import static io.kveik.server.config.Setting.Kind.COUNT;
import static io.kveik.server.config.Setting.Kind.MILLIS;
import static io.kveik.server.config.Setting.choice;
import static io.kveik.server.config.Setting.number;

import java.util.List;

/** How the gRPC port is set, as the original sets it. */
public final class GrpcSettings {
  private static final long KIB = 1024;
  private static final long MIB = 1024 * KIB;
  private static final long GIB = 1024 * MIB;
  private static final long DAY_MILLIS = 24L * 60 * 60 * 1000;

  public static final Setting TCP_NODELAY =
      choice("grpc.tcp-nodelay", "on", List.of("on", "off"), "Disable Nagle's algorithm.")
          .mapping("ChannelOption.TCP_NODELAY");
  public static final Setting KEEPALIVE_MILLIS =
      number("grpc.keepalive-millis", MILLIS, "10000", 10_000, DAY_MILLIS, "Ping idle peers.")
          .mapping("NettyServerBuilder.keepAliveTime, which goes no lower than 10 s");
  public static final Setting KEEPALIVE_TIMEOUT_MILLIS =
      number(
              "grpc.keepalive-timeout-millis",
              MILLIS,
              "5000",
              100,
              DAY_MILLIS,
              "A peer that does not answer a ping for so long is gone.")
          .mapping("NettyServerBuilder.keepAliveTimeout");
  public static final Setting PERMIT_PING_MILLIS =
      number(
              "grpc.permit-ping-millis",
              MILLIS,
              "5000",
              1,
              DAY_MILLIS,
              "Clients may ping this often, also without calls.")
          .mapping("NettyServerBuilder.permitKeepAliveTime, permitKeepAliveWithoutCalls(true)");
  public static final Setting MAX_STREAMS =
      number(
              "grpc.max-concurrent-streams",
              COUNT,
              "200",
              1,
              100_000,
              "Calls at a time on one connection.")
          .mapping("NettyServerBuilder.maxConcurrentCallsPerConnection");
  public static final Setting MAX_FRAME_BYTES =
      number(
              "grpc.max-frame-bytes",
              BYTES,
              "64KiB",
              16 * KIB,
              16 * MIB - KIB,
              "Largest HTTP/2 frame that clients may send.")
          .mapping(
              "SETTINGS_MAX_FRAME_SIZE, announced after gRPC's own SETTINGS; what the server sends"
                  + " follows the client's");
  public static final Setting RECEIVE_BYTES =
      number(
              "grpc.receive-bytes",
              BYTES,
              "256KiB",
              16 * KIB,
              16 * MIB,
              "What one read of a socket takes at most.")
          .mapping("ChannelOption.RECVBUF_ALLOCATOR, all buffers of one size");
  public static final Setting RECEIVE_BUFFERS =
      number(
          "grpc.receive-buffers",
          COUNT,
          "64",
          1,
          65_536,
          "Buffers of that size that are kept for the next read; more are made where needed.");
  public static final Setting WINDOW_BYTES =
      number(
              "grpc.window-bytes",
              BYTES,
              "64MiB",
              64 * KIB,
              1 * GIB,
              "Flow-control window of a stream and of a connection.")
          .mapping("NettyServerBuilder.initialFlowControlWindow");
  public static final Setting WRITE_WATERMARK_BYTES =
      number(
              "grpc.write-watermark-bytes",
              BYTES,
              "8MiB",
              64 * KIB,
              1 * GIB,
              "Bytes queued in a socket before writers pause.")
          .mapping("ChannelOption.WRITE_BUFFER_WATER_MARK (low: half of it)");

  static final List<Setting> ALL =
      List.of(
          TCP_NODELAY,
          KEEPALIVE_MILLIS,
          KEEPALIVE_TIMEOUT_MILLIS,
          PERMIT_PING_MILLIS,
          MAX_STREAMS,
          MAX_FRAME_BYTES,
          RECEIVE_BYTES,
          RECEIVE_BUFFERS,
          WINDOW_BYTES,
          WRITE_WATERMARK_BYTES);

  private GrpcSettings() {}
}
