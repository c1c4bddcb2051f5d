package io.kveik.client.data;

import io.kveik.client.data.frame.ErrorBody;
import io.kveik.client.data.frame.ErrorCode;
import io.kveik.client.data.frame.FrameException;
import io.kveik.client.data.frame.FrameHeader;
import io.kveik.client.data.frame.FrameReader;
import io.kveik.client.data.frame.FrameType;
import io.kveik.client.data.frame.FrameWriter;
import io.kveik.client.data.frame.Hello;
import io.kveik.client.data.frame.TlsSocketChannel;
import io.kveik.client.data.frame.Welcome;
import java.io.EOFException;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.StandardProtocolFamily;
import java.net.StandardSocketOptions;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SocketChannel;
import java.util.Optional;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;

/**
 * One connection to a data port. Belongs to one call at a time, whose thread sends and receives;
 * only {@link #close} and {@link #closeIfLate} are for others.
 */
final class SocketLink implements AutoCloseable {
  private final SocketChannel socket;
  private volatile Deadline deadline;

  // Made by the handshake.
  private @Nullable FrameReader reader;
  private @Nullable FrameWriter writer;
  private @Nullable Welcome welcome;

  private long lastRequestId;
  private long creditBytes;
  private boolean reused;
  private boolean answered;

  private SocketLink(SocketChannel socket, Deadline deadline) {
    this.socket = socket;
    this.deadline = deadline;
  }

  /** A socket that is not connected yet. */
  static SocketLink open(SocketAddress address, Deadline deadline) throws IOException {
    SocketChannel socket =
        address instanceof UnixDomainSocketAddress
            ? SocketChannel.open(StandardProtocolFamily.UNIX)
            : SocketChannel.open();
    return new SocketLink(socket, deadline);
  }

  /**
   * Connects and says HELLO.
   *
   * @throws FrameException with {@link ErrorCode#TICKET} when the server does not know it
   */
  void greet(SocketAddress address, SocketTransportOptions options, byte[] ticket)
      throws IOException {
    if (options.bufferBytes() > 0) {
      socket.setOption(StandardSocketOptions.SO_RCVBUF, options.bufferBytes());
      socket.setOption(StandardSocketOptions.SO_SNDBUF, options.bufferBytes());
    }
    Optional<SSLContext> tls = Optional.empty();
    if (address instanceof InetSocketAddress) {
      socket.setOption(StandardSocketOptions.TCP_NODELAY, true);
      tls = options.tls();
    }
    socket.connect(address);
    FrameReader in;
    FrameWriter out;
    if (tls.isPresent()) {
      TlsSocketChannel secure =
          TlsSocketChannel.connect(socket, tls.get(), (InetSocketAddress) address);
      in = new FrameReader(secure);
      out = new FrameWriter(secure);
    } else {
      in = new FrameReader(socket);
      out = new FrameWriter(socket);
    }
    new Hello(ticket, 0).encode(out.body(Hello.BODY_BYTES));
    out.send(FrameType.HELLO, 0);
    this.reader = in;
    this.writer = out;
    FrameHeader header = next(0);
    if (header.type() != FrameType.WELCOME) {
      throw unexpected(header);
    }
    this.welcome = Welcome.decode(in.readBody(header, Welcome.BODY_BYTES));
  }

  /** A new call has it now. */
  void begin(Deadline until) {
    deadline = until;
    answered = false;
  }

  /** The call is over and the connection good for another. */
  void end() {
    reused = true;
  }

  /** True when it may have been closed by the server before this call began. */
  boolean mayBeStale() {
    return reused && !answered;
  }

  FrameReader in() {
    return made(reader);
  }

  FrameWriter out() {
    return made(writer);
  }

  Welcome limits() {
    return made(welcome);
  }

  long nextRequestId() {
    return ++lastRequestId;
  }

  /** Bytes of credit to grant so that the server has that many in all; counts them as granted. */
  long creditUpTo(long bytes) {
    long more = Math.max(0, bytes - creditBytes);
    creditBytes += more;
    return more;
  }

  void creditUsed(long bytes) {
    creditBytes -= bytes;
  }

  /**
   * The header of the next frame that answers something; those that tell of the connection itself
   * are dealt with here.
   *
   * @param waitingFor smallest request id that waits for an answer
   */
  FrameHeader next(long waitingFor) throws IOException {
    while (true) {
      if (!in().awaitFrame()) {
        throw new EOFException("the server has closed the connection");
      }
      FrameHeader header = in().readHeader();
      switch (header.type()) {
        case GOAWAY -> {
          if (Long.compareUnsigned(header.requestId(), waitingFor) < 0) {
            throw new EOFException("the server is going away");
          }
        }
        case ERROR -> {
          ErrorBody error = ErrorBody.decode(in().readBody(header, ErrorBody.MAX_BYTES));
          throw new FrameException(error.code(), "the server says: " + error.text());
        }
        case PONG -> in().readBody(header, 0);
        default -> {
          answered = true;
          return header;
        }
      }
    }
  }

  static FrameException unexpected(FrameHeader header) {
    return new FrameException(
        ErrorCode.PROTOCOL,
        "%s of request %d came, which was not asked for"
            .formatted(header.type(), header.requestId()));
  }

  /** True once the call's time is over. */
  boolean late() {
    return deadline.passed();
  }

  void closeIfLate() {
    if (late()) {
      close();
    }
  }

  /** Whoever is blocked in it gets an exception. */
  @Override
  public void close() {
    try {
      socket.close();
    } catch (IOException e) {
      // It is of no more use either way.
    }
  }

  private static <T> T made(@Nullable T part) {
    if (part == null) {
      throw new IllegalStateException("no handshake yet");
    }
    return part;
  }
}
