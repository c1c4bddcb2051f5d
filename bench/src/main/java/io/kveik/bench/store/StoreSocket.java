package io.kveik.bench.store;

import java.io.EOFException;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.StandardProtocolFamily;
import java.net.StandardSocketOptions;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.util.Optional;

/**
 * A blocking connection to a store that speaks in lines and payloads, over TCP or a Unix socket.
 * One thread at a time uses it.
 */
final class StoreSocket implements AutoCloseable {
  private static final String UNIX = "unix:";
  private static final int MAX_LINE_BYTES = 1_024;

  private final SocketChannel channel;

  /** Holds what has arrived and was not asked for yet, between position and limit. */
  private final ByteBuffer ahead = ByteBuffer.allocateDirect(MAX_LINE_BYTES).limit(0);

  private StoreSocket(SocketChannel channel) {
    this.channel = channel;
  }

  /**
   * Connects.
   *
   * @param where "host:port" or "unix:/path"
   */
  static StoreSocket connect(String where) throws IOException {
    return new StoreSocket(open(where));
  }

  /** A connected channel, for those who need nothing else. */
  static SocketChannel open(String where) throws IOException {
    if (where.startsWith(UNIX)) {
      SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX);
      return connect(channel, UnixDomainSocketAddress.of(where.substring(UNIX.length())));
    }
    int colon = where.lastIndexOf(':');
    SocketChannel channel = SocketChannel.open();
    connect(
        channel,
        new InetSocketAddress(
            where.substring(0, colon), Integer.parseInt(where.substring(colon + 1))));
    channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
    return channel;
  }

  private static SocketChannel connect(SocketChannel channel, SocketAddress address)
      throws IOException {
    boolean connected = false;
    try {
      channel.connect(address);
      connected = true;
      return channel;
    } finally {
      if (!connected) {
        channel.close();
      }
    }
  }

  /** Sends all of the buffers, one after the other. */
  void send(ByteBuffer... buffers) throws IOException {
    sendAll(channel, buffers);
  }

  static void sendAll(SocketChannel channel, ByteBuffer... buffers) throws IOException {
    ByteBuffer last = buffers[buffers.length - 1];
    while (last.hasRemaining()) {
      channel.write(buffers);
    }
  }

  /** The next line, without its end. */
  String readLine() throws IOException {
    StringBuilder line = new StringBuilder();
    while (true) {
      while (ahead.hasRemaining()) {
        char c = (char) (ahead.get() & 0xFF);
        if (c == '\n') {
          return line.toString();
        }
        if (c != '\r') {
          line.append(c);
        }
      }
      if (line.length() > MAX_LINE_BYTES) {
        throw new IOException("a line of more than " + MAX_LINE_BYTES + " bytes");
      }
      receiveAhead();
    }
  }

  /**
   * Reads a head that is expected to be these bytes, and behind it payload and tail. The payload
   * goes straight to its place.
   *
   * @param head the bytes expected, a line with its end
   * @param tail how many bytes come behind the payload and are dropped
   * @return empty when it was so, else the line that came instead, without its end
   */
  Optional<String> readPayload(byte[] head, ByteBuffer payload, int tail) throws IOException {
    ByteBuffer start = ByteBuffer.allocate(head.length);
    take(start);
    while (start.hasRemaining() && !endsLine(start)) {
      receive(start);
    }
    start.flip();
    if (!start.equals(ByteBuffer.wrap(head))) {
      // Nothing else can have arrived in ahead: start takes from it first.
      ahead.clear();
      ahead.put(start).flip();
      return Optional.of(readLine());
    }
    take(payload);
    while (payload.hasRemaining()) {
      receive(payload);
    }
    for (int dropped = 0; dropped < tail; dropped++) {
      if (!ahead.hasRemaining()) {
        receiveAhead();
      }
      ahead.get();
    }
    return Optional.empty();
  }

  @Override
  public void close() {
    try {
      channel.close();
    } catch (IOException e) {
      // It was to end, and it has.
    }
  }

  /** Whether what has been put so far ends a line. */
  private static boolean endsLine(ByteBuffer start) {
    return start.position() > 0 && start.get(start.position() - 1) == '\n';
  }

  private void take(ByteBuffer into) {
    int count = Math.min(into.remaining(), ahead.remaining());
    into.put(ahead.slice(ahead.position(), count));
    ahead.position(ahead.position() + count);
  }

  private void receiveAhead() throws IOException {
    ahead.clear();
    try {
      receive(ahead);
    } finally {
      ahead.flip();
    }
  }

  private void receive(ByteBuffer... into) throws IOException {
    if (channel.read(into) < 0) {
      throw new EOFException("the store has closed the connection");
    }
  }
}
