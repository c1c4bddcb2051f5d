package io.kveik.bench.peer;

import io.kveik.bench.store.Protocol;
import io.kveik.bench.store.StoreAddress;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.util.Optional;

/**
 * Where a server of ours listens: a port of the loopback address that was free a moment ago, or a
 * socket file.
 *
 * @param port 0 where it is a file
 * @param file empty where it is a port
 */
record Listening(int port, Optional<Path> file) {
  static final String LOOPBACK = "127.0.0.1";

  /** Chooses a place. */
  static Listening choose(PeerSettings.SocketKind kind, Path directory) throws IOException {
    return switch (kind) {
      case TCP -> new Listening(freePort(), Optional.empty());
      case UNIX -> new Listening(0, Optional.of(directory.resolve("socket")));
    };
  }

  static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }

  /** The place for clients. */
  StoreAddress address(Protocol protocol) {
    return new StoreAddress(
        protocol, file.map(path -> "unix:" + path).orElse(LOOPBACK + ":" + port));
  }

  /** Fails while nobody listens. */
  void connectOnce() throws IOException {
    SocketAddress address =
        file.<SocketAddress>map(UnixDomainSocketAddress::of)
            .orElseGet(() -> new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
    SocketChannel.open(address).close();
  }
}
