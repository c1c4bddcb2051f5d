package io.kveik.client;

import io.kveik.client.data.BlockTransport;
import io.kveik.client.data.FallbackTransport;
import io.kveik.client.data.TransportKind;
import java.time.Duration;
import java.util.Optional;

/**
 * The way that every server has.
 *
 * @param transport closed with this
 * @param reconnect ends the channel's own pause between connections
 */
record GrpcRoute(BlockTransport transport, Runnable reconnect) implements FallbackTransport.Route {
  @Override
  public TransportKind kind() {
    return TransportKind.GRPC;
  }

  @Override
  public Optional<BlockTransport> transport(Duration limit) {
    reconnect.run();
    return Optional.of(transport);
  }

  @Override
  public void failed() {
    // The channel itself sees to its connection.
  }

  @Override
  public void close() {
    transport.close();
  }
}
