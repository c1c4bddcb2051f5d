package io.kveik.client.http2;

import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.http2.Http2ConnectionHandler;
import io.netty.handler.codec.http2.Http2Settings;

/**
 * Sets up a connection's HTTP/2 for payloads of megabytes, where gRPC has no setting: frames that
 * come in several reads are not copied together ({@link ComposingCumulator}), and the peer is told
 * that it may send DATA frames larger than the default of 16 KiB, at which a block of a megabyte
 * costs both sides some seventy frames.
 *
 * <p>Goes into the pipeline of a fresh connection, in front of gRPC's handlers. When the peer's
 * first bytes have come, so that gRPC's own SETTINGS are out, it sends one more SETTINGS frame with
 * SETTINGS_MAX_FRAME_SIZE (RFC 9113, 6.5) through Netty's public encoder, which also makes the
 * decoder accept such frames once the peer has acknowledged it. Then it leaves the pipeline. Event
 * loop only.
 */
public final class Tuning extends ChannelInboundHandlerAdapter {
  /** What HTTP/2 allows without asking. */
  private static final int DEFAULT_FRAME_BYTES = 16 * 1024;

  private final int maxFrameBytes;

  /**
   * @param maxFrameBytes 16,384, which is not announced, to 16,777,215 (RFC 9113)
   */
  public Tuning(int maxFrameBytes) {
    this.maxFrameBytes = maxFrameBytes;
  }

  @Override
  public void channelRead(ChannelHandlerContext context, Object message) {
    context.fireChannelRead(message);
    ChannelHandlerContext http2 = context.pipeline().context(Http2ConnectionHandler.class);
    if (http2 == null || !context.channel().isActive()) {
      return;
    }
    Http2ConnectionHandler handler = (Http2ConnectionHandler) http2.handler();
    handler.setCumulator(ComposingCumulator.INSTANCE);
    if (maxFrameBytes > DEFAULT_FRAME_BYTES) {
      Http2Settings settings = new Http2Settings().maxFrameSize(maxFrameBytes);
      handler.encoder().writeSettings(http2, settings, http2.newPromise());
      http2.flush();
    }
    context.pipeline().remove(this);
  }
}
