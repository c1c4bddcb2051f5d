package io.kveik.client;

import com.google.common.net.HostAndPort;
import io.kveik.client.data.BlockTransport;
import io.kveik.client.data.SameHostTransport;
import io.kveik.client.data.SocketTransport;
import io.kveik.client.data.SocketTransportOptions;
import io.kveik.client.data.TicketSource;
import io.kveik.client.data.TransportKind;
import io.kveik.wire.nativev1.Endpoint;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Optional;

/**
 * From an endpoint that a server offers to the transport that speaks there. Thread-safe.
 *
 * @param target where gRPC reaches the server, as "host:port", perhaps with a scheme in front
 * @param options of all sockets; its TLS context is used where an endpoint asks for TLS
 */
record TransportFactory(String target, SocketTransportOptions options) {
  /** What a client of this version knows to speak there; empty when it doesn't. */
  static Optional<TransportKind> kind(Endpoint endpoint) {
    return switch (endpoint.getKind()) {
      case KIND_SAME_HOST -> Optional.of(TransportKind.SAME_HOST);
      case KIND_UNIX -> Optional.of(TransportKind.UNIX);
      case KIND_TCP -> Optional.of(TransportKind.TCP);
      case KIND_UNSPECIFIED, UNRECOGNIZED -> Optional.empty();
    };
  }

  /**
   * Opens it; nothing is connected yet.
   *
   * @return empty when it can't be had here: a path that this host does not have, TLS without a
   *     context, or an address that is none
   */
  Optional<BlockTransport> open(Endpoint endpoint, TicketSource tickets) {
    return switch (endpoint.getKind()) {
      case KIND_SAME_HOST ->
          localPath(endpoint).map(socket -> SameHostTransport.open(socket, plain(), tickets));
      case KIND_UNIX ->
          localPath(endpoint).map(socket -> SocketTransport.unix(socket, plain(), tickets));
      case KIND_TCP -> tcp(endpoint, tickets);
      case KIND_UNSPECIFIED, UNRECOGNIZED -> Optional.empty();
    };
  }

  /** Found out without connecting: the paths of another host's server are seldom here. */
  private static Optional<Path> localPath(Endpoint endpoint) {
    try {
      return Optional.of(Path.of(endpoint.getAddress())).filter(Files::exists);
    } catch (InvalidPathException e) {
      return Optional.empty();
    }
  }

  private Optional<BlockTransport> tcp(Endpoint endpoint, TicketSource tickets) {
    if (endpoint.getTls() && options.tls().isEmpty()) {
      return Optional.empty();
    }
    try {
      HostAndPort address = HostAndPort.fromString(endpoint.getAddress());
      String host = address.getHost().isEmpty() ? grpcHost() : address.getHost();
      InetSocketAddress server = new InetSocketAddress(host, address.getPort());
      return Optional.of(
          SocketTransport.tcp(server, endpoint.getTls() ? options : plain(), tickets));
    } catch (IllegalArgumentException | IllegalStateException e) {
      return Optional.empty();
    }
  }

  private String grpcHost() {
    return HostAndPort.fromString(target.substring(target.lastIndexOf('/') + 1)).getHost();
  }

  private SocketTransportOptions plain() {
    return new SocketTransportOptions(
        options.connections(),
        options.stripes(),
        options.verifyChecksums(),
        options.bufferBytes(),
        Optional.empty());
  }
}
