package io.kveik.server.data;

import io.kveik.client.data.frame.ErrorCode;
import io.kveik.client.data.frame.FrameException;
import io.kveik.client.data.frame.FrameHeader;
import io.kveik.client.data.frame.FrameReader;
import io.kveik.client.data.frame.FrameType;
import io.kveik.client.data.frame.Hello;
import io.kveik.client.data.frame.TlsSocketChannel;
import io.kveik.client.data.frame.Welcome;
import io.kveik.server.samehost.SameHostMemory;
import io.kveik.server.session.BlockSession;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.GatheringByteChannel;
import java.nio.channels.ReadableByteChannel;
import java.nio.channels.SocketChannel;
import java.util.Optional;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One client's connection: handshake, HELLO, then its {@link Conversation}. Runs on a thread of its
 * own. Its reads and writes block and are bounded by deadlines that {@link #sweep} enforces.
 */
final class DataConnection implements Runnable {
  private static final Logger LOG = LoggerFactory.getLogger(DataConnection.class);

  /** What a client that was refused may still be sending is read for so long, then cut off. */
  private static final long LINGER_MILLIS = 1_000;

  private static final int LINGER_BUFFER_BYTES = 64 * 1024;

  private final String name;
  private final SocketChannel socket;
  private final Optional<SSLContext> tls;
  private final Optional<SameHostMemory> lender;
  private final DataParts parts;
  private final IoDeadline reading;
  private final IoDeadline writing;
  private volatile @Nullable Conversation conversation;

  /**
   * @param name for logs and threads
   * @param socket blocking
   * @param tls when the client begins with a TLS handshake
   * @param lender memory that this client may read in place; empty for one on another host
   */
  DataConnection(
      String name,
      SocketChannel socket,
      Optional<SSLContext> tls,
      Optional<SameHostMemory> lender,
      DataParts parts) {
    this.name = name;
    this.socket = socket;
    this.tls = tls;
    this.lender = lender;
    this.parts = parts;
    this.reading = new IoDeadline(parts.clock());
    this.writing = new IoDeadline(parts.clock());
    reading.arm(parts.options().limits().helloMillis());
  }

  String name() {
    return name;
  }

  @Override
  public void run() {
    try {
      if (tls.isPresent()) {
        TlsSocketChannel channel = TlsSocketChannel.accept(socket, tls.get());
        serve(channel, channel);
      } else {
        serve(socket, socket);
      }
    } catch (IOException e) {
      LOG.debug("{}: {}", name, e.toString());
    } catch (RuntimeException e) {
      LOG.error("{}", name, e);
    } finally {
      cutOff();
      parts.connections().gone(this);
    }
  }

  /** Closes the connection if a read or a write has taken too long. Any thread. */
  void sweep() {
    if (reading.passed() || writing.passed()) {
      parts.counters().timeouts.increment();
      LOG.debug("{}: timed out", name);
      reading.disarm();
      writing.disarm();
      cutOff();
    }
  }

  /** Takes no more requests; ends when those in progress are answered. Any thread, may block. */
  void drain() {
    Conversation current = conversation;
    if (current == null) {
      cutOff();
    } else {
      current.drain();
    }
  }

  /** Closes the connection at once; its thread finds out. Any thread. */
  void cutOff() {
    try {
      socket.close();
    } catch (IOException e) {
      LOG.debug("{}: close: {}", name, e.toString());
    }
  }

  private void serve(ReadableByteChannel in, GatheringByteChannel out) throws IOException {
    FrameReader reader = new FrameReader(in);
    Outbox outbox =
        new Outbox(out, writing, parts.options().limits().frameMillis(), parts.counters());
    try {
      Hello hello = hello(reader, outbox);
      BlockSession session = admit(hello, outbox);
      Optional<Lending> lending =
          lender.map(memory -> new Lending(session, memory.borrower(session.tenant()), outbox));
      Conversation current =
          new Conversation(name, reader, reading, outbox, session, lending, parts, this::cutOff);
      conversation = current;
      boolean clientGone = false;
      try {
        current.run(hello.creditBytes());
        clientGone = true;
      } finally {
        boolean gone = clientGone;
        lending.ifPresent(leases -> leases.end(gone));
      }
    } catch (FrameException e) {
      parts.counters().protocolErrors.increment();
      LOG.debug("{}: {}", name, e.getMessage());
      linger(in);
    }
  }

  private Hello hello(FrameReader reader, Outbox outbox) throws IOException {
    if (!reader.awaitFrame()) {
      throw new EOFException("no HELLO");
    }
    try {
      FrameHeader header = reader.readHeader();
      if (header.type() != FrameType.HELLO) {
        throw new FrameException(ErrorCode.PROTOCOL, header.type() + " where HELLO must come");
      }
      return Hello.decode(reader.readBody(header, Hello.BODY_BYTES));
    } catch (FrameException e) {
      throw refused(e, outbox);
    }
  }

  private BlockSession admit(Hello hello, Outbox outbox) throws IOException {
    Optional<BlockSession> session = parts.tickets().redeem(hello.ticket());
    if (session.isEmpty()) {
      parts.counters().ticketsRefused.increment();
      throw refused(new FrameException(ErrorCode.TICKET, "ticket: unknown or expired"), outbox);
    }
    if (!parts.connections().greeted(this)) {
      int limit = parts.options().limits().connections();
      throw refused(
          new FrameException(ErrorCode.TOO_MANY, "data.connections: limit " + limit), outbox);
    }
    reading.disarm();
    outbox.welcome(
        new Welcome(
            parts.options().session().maxBlockBytes(),
            parts.options().session().maxIdsPerCall(),
            parts.options().limits().requests()));
    return session.get();
  }

  private static FrameException refused(FrameException reason, Outbox outbox) throws IOException {
    outbox.error(reason.code(), String.valueOf(reason.getMessage()));
    return reason;
  }

  /** Closing with unread bytes would reset the connection and could take the ERROR with it. */
  private void linger(ReadableByteChannel in) throws IOException {
    reading.arm(LINGER_MILLIS);
    socket.shutdownOutput();
    ByteBuffer sink = ByteBuffer.allocate(LINGER_BUFFER_BYTES);
    while (in.read(sink.clear()) >= 0) {
      // Thrown away; the deadline ends it.
    }
  }
}
