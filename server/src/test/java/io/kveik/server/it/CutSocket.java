package io.kveik.server.it;

import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Stands between clients and a server's Unix socket and breaks every connection once the server has
 * sent so many bytes over all of them; those that come after are broken at once.
 */
final class CutSocket implements AutoCloseable {
  private final Path behind;
  private final ServerSocketChannel listener;
  private final AtomicLong left;

  private CutSocket(Path behind, ServerSocketChannel listener, long bytes) {
    this.behind = behind;
    this.listener = listener;
    this.left = new AtomicLong(bytes);
  }

  /** Takes the place of the socket at {@code path}. */
  static CutSocket before(Path path, long bytes) throws IOException {
    Path behind = Files.move(path, path.resolveSibling("behind.sock"));
    ServerSocketChannel listener =
        ServerSocketChannel.open(StandardProtocolFamily.UNIX)
            .bind(UnixDomainSocketAddress.of(path));
    CutSocket socket = new CutSocket(behind, listener, bytes);
    Thread.ofPlatform().daemon().start(socket::accept);
    return socket;
  }

  private void accept() {
    try {
      while (true) {
        SocketChannel client = listener.accept();
        SocketChannel server = SocketChannel.open(UnixDomainSocketAddress.of(behind));
        Thread.ofPlatform().daemon().start(() -> pass(client, server, new AtomicLong(1L << 40)));
        Thread.ofPlatform().daemon().start(() -> pass(server, client, left));
      }
    } catch (IOException e) {
      // Closed.
    }
  }

  private static void pass(SocketChannel from, SocketChannel to, AtomicLong budget) {
    ByteBuffer buffer = ByteBuffer.allocate(4_096);
    try (from;
        to) {
      while (from.read(buffer) >= 0 && budget.addAndGet(-buffer.position()) > 0) {
        buffer.flip();
        while (buffer.hasRemaining()) {
          to.write(buffer);
        }
        buffer.clear();
      }
    } catch (IOException e) {
      // The other direction has ended.
    }
  }

  @Override
  public void close() throws IOException {
    listener.close();
  }
}
