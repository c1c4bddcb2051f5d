package io.kveik.server.data;

import io.kveik.server.runtime.Threads;
import java.io.IOException;
import java.net.BindException;
import java.net.InetSocketAddress;
import java.net.StandardProtocolFamily;
import java.net.StandardSocketOptions;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.Charset;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A listening socket and the thread that accepts on it. */
final class DataListener implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(DataListener.class);
  private static final int BACKLOG = 512;

  /** After an accept that failed, for want of file descriptors for example. */
  private static final long PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(50);

  private final ServerSocketChannel channel;
  private final Runnable afterClose;

  private DataListener(ServerSocketChannel channel, Runnable afterClose) {
    this.channel = channel;
    this.afterClose = afterClose;
  }

  /**
   * @param orFreePort true to take a free port where that one is taken
   * @param socketBufferBytes of accepted connections; 0 leaves it to the system
   * @throws IOException when the port can't be had
   */
  static DataListener tcp(InetSocketAddress address, boolean orFreePort, int socketBufferBytes)
      throws IOException {
    ServerSocketChannel channel = ServerSocketChannel.open();
    try {
      if (socketBufferBytes > 0) {
        // Before the bind: the window's scale is settled in the handshake.
        channel.setOption(StandardSocketOptions.SO_RCVBUF, socketBufferBytes);
      }
      bind(channel, address, orFreePort);
    } catch (IOException | RuntimeException e) {
      channel.close();
      throw e;
    }
    return new DataListener(channel, () -> {});
  }

  private static void bind(
      ServerSocketChannel channel, InetSocketAddress address, boolean orFreePort)
      throws IOException {
    try {
      channel.bind(address, BACKLOG);
    } catch (BindException e) {
      if (!orFreePort) {
        throw new IOException(
            "data.port: %d can't be had (%s); choose another with --data-port, or off"
                .formatted(address.getPort(), e.getMessage()),
            e);
      }
      channel.bind(new InetSocketAddress(address.getAddress(), 0), BACKLOG);
    }
  }

  /**
   * Makes the socket's file, for its owner alone. One that a dead server left is replaced.
   *
   * @throws IOException when a server answers there, something else than a socket is there, or the
   *     path is too long
   */
  static DataListener unix(Path path) throws IOException {
    clear(path);
    ServerSocketChannel channel = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
    try {
      channel.bind(UnixDomainSocketAddress.of(path), BACKLOG);
      // Who connects before this has no ticket yet, so the moment in between gives nobody anything.
      Files.setPosixFilePermissions(path, PosixFilePermissions.fromString("rw-------"));
    } catch (IOException | RuntimeException e) {
      channel.close();
      throw e;
    }
    return new DataListener(channel, () -> delete(path));
  }

  /** True when the system takes a path of that length for a socket. */
  static boolean fits(Path path) {
    return path.toString().getBytes(Charset.defaultCharset()).length <= MAX_UNIX_PATH_BYTES;
  }

  /** The least of what systems allow: macOS has 104 with the zero at the end, Linux 108. */
  static final int MAX_UNIX_PATH_BYTES = 103;

  private static void clear(Path path) throws IOException {
    if (!fits(path)) {
      throw new IOException(
          "data.unix-path: '%s' has more than %d bytes, the most a socket's path may have; choose"
                  .formatted(path, MAX_UNIX_PATH_BYTES)
              + " another with --data-unix-path, or off");
    }
    if (!Files.exists(path, LinkOption.NOFOLLOW_LINKS)) {
      return;
    }
    if (Files.isRegularFile(path, LinkOption.NOFOLLOW_LINKS)
        || Files.isDirectory(path, LinkOption.NOFOLLOW_LINKS)
        || Files.isSymbolicLink(path)) {
      throw new IOException("data.unix-path: '" + path + "' is there and is no socket");
    }
    try (SocketChannel _ = SocketChannel.open(UnixDomainSocketAddress.of(path))) {
      throw new IOException("data.unix-path: a server listens on '" + path + "'");
    } catch (java.net.ConnectException e) {
      Files.delete(path);
    }
  }

  private static void delete(Path path) {
    try {
      Files.deleteIfExists(path);
    } catch (IOException e) {
      LOG.warn("{} stays behind: {}", path, e.toString());
    }
  }

  /** The port; only of a TCP listener. */
  int port() throws IOException {
    return ((InetSocketAddress) channel.getLocalAddress()).getPort();
  }

  /** Accepts until {@link #close}. */
  void start(String threadName, Consumer<SocketChannel> accepted) {
    Threads.start(
        threadName,
        () -> {
          while (channel.isOpen()) {
            try {
              accepted.accept(channel.accept());
            } catch (ClosedChannelException e) {
              return;
            } catch (IOException | RuntimeException | OutOfMemoryError e) {
              // The last is what Java says when there can be no more threads.
              LOG.error("{}: accept", threadName, e);
              LockSupport.parkNanos(PAUSE_NANOS);
            }
          }
        });
  }

  @Override
  public void close() {
    try {
      channel.close();
    } catch (IOException e) {
      LOG.warn("closing a listener: {}", e.toString());
    }
    afterClose.run();
  }
}
