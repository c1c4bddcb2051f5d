package io.kveik.server.rpc;

import io.kveik.client.http2.Tuning;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFactory;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ServerChannel;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import java.net.SocketAddress;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;

/**
 * Bounds client connections: one too many is closed before a byte of it is read. Sits in front of
 * whatever accepts on a listening channel. Runs on the accepting event loop; the counts may be read
 * by any thread.
 */
@ChannelHandler.Sharable
final class ConnectionGate extends ChannelInboundHandlerAdapter {
  private final int limit;
  private final int maxFrameBytes;
  private final AtomicInteger open = new AtomicInteger();
  private final LongAdder refused = new LongAdder();
  private final LongAdder closedDeaf = new LongAdder();
  private final Map<SocketAddress, Channel> connections = new ConcurrentHashMap<>();

  /**
   * @param limit connections at a time
   * @param maxFrameBytes largest HTTP/2 frame that a client may send
   */
  ConnectionGate(int limit, int maxFrameBytes) {
    this.limit = limit;
    this.maxFrameBytes = maxFrameBytes;
  }

  int openConnections() {
    return open.get();
  }

  long refusedCount() {
    return refused.sum();
  }

  /** Listening channels with this gate in front. */
  ChannelFactory<ServerChannel> serverChannels(boolean epoll) {
    return () -> {
      ServerChannel channel = epoll ? new EpollServerSocketChannel() : new NioServerSocketChannel();
      channel.pipeline().addFirst(this);
      return channel;
    };
  }

  /** What a listening channel reads is the connections it accepts. */
  @Override
  public void channelRead(ChannelHandlerContext context, Object accepted) {
    Channel connection = (Channel) accepted;
    if (open.incrementAndGet() > limit) {
      open.decrementAndGet();
      refused.increment();
      connection.unsafe().closeForcibly();
      return;
    }
    SocketAddress client = connection.remoteAddress();
    connections.put(client, connection);
    connection
        .closeFuture()
        .addListener(_ -> {
          connections.remove(client, connection);
          open.decrementAndGet();
        });
    connection.pipeline().addFirst(new Tuning(maxFrameBytes));
    context.fireChannelRead(accepted);
  }

  /** Closes a client's connection at once; no effect when it has gone. */
  void close(SocketAddress client) {
    Channel connection = connections.get(client);
    if (connection != null) {
      closedDeaf.increment();
      connection.close();
    }
  }

  long closedDeafCount() {
    return closedDeaf.sum();
  }
}
