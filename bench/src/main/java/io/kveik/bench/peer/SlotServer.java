package io.kveik.bench.peer;

import io.kveik.bench.endpoint.ProcessFigures;
import io.kveik.bench.store.Protocol;
import io.kveik.bench.store.SlotProtocol;
import io.kveik.bench.store.StoreAddress;
import io.kveik.server.cli.Terminal;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ProtocolFamily;
import java.net.SocketAddress;
import java.net.StandardProtocolFamily;
import java.net.StandardSocketOptions;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;

/**
 * The server's side of {@link SlotProtocol}, within this process: a thread per connection, blocking
 * reads and writes between the socket and a slot, nothing else. Its figures have the CPU time of
 * its own threads only.
 */
final class SlotServer implements Contender {
  private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();
  private static final long JOIN_MILLIS = 5_000;

  private final LimitKind kind;
  private final ServerSocketChannel listener;
  private final Path directory;
  private final Listening at;
  private final int blockBytes;
  private final int slots;
  private final Arena arena = Arena.ofShared();
  private final MemorySegment memory;
  private final Set<Thread> threads = ConcurrentHashMap.newKeySet();
  private final Set<SocketChannel> connections = ConcurrentHashMap.newKeySet();
  private final LongAdder endedCpuNanos = new LongAdder();

  private SlotServer(
      LimitKind kind,
      ServerSocketChannel listener,
      Path directory,
      Listening at,
      int blockBytes,
      int slots) {
    this.kind = kind;
    this.listener = listener;
    this.directory = directory;
    this.at = at;
    this.blockBytes = blockBytes;
    this.slots = slots;
    this.memory = arena.allocate((long) blockBytes * slots, Long.BYTES);
  }

  /** Starts one. */
  static SlotServer start(LimitKind kind, PeerSettings.SocketKind socket, int blockBytes, int slots)
      throws IOException {
    Path directory = Files.createTempDirectory("kveik-peer-");
    Listening at = Listening.choose(socket, directory);
    ProtocolFamily family =
        at.file().isPresent() ? StandardProtocolFamily.UNIX : StandardProtocolFamily.INET;
    SocketAddress address =
        at.file()
            .<SocketAddress>map(UnixDomainSocketAddress::of)
            .orElseGet(() -> new InetSocketAddress(InetAddress.getLoopbackAddress(), at.port()));
    ServerSocketChannel listener = ServerSocketChannel.open(family).bind(address);
    SlotServer server = new SlotServer(kind, listener, directory, at, blockBytes, slots);
    Thread.ofPlatform().daemon().name("slots-listener").start(server::listen);
    return server;
  }

  @Override
  public String name() {
    return kind.key();
  }

  @Override
  public Role role() {
    return Role.LIMIT;
  }

  @Override
  public String description() {
    return "blocking request and response over %s, nothing else done"
        .formatted(at.file().isPresent() ? "a Unix socket" : "loopback TCP");
  }

  @Override
  public StoreAddress address() {
    return at.address(Protocol.SLOTS);
  }

  @Override
  public Optional<ProcessFigures> figures() {
    long nanos = endedCpuNanos.sum();
    for (Thread thread : threads) {
      nanos += Math.max(0, THREADS.getThreadCpuTime(thread.threadId()));
    }
    return Optional.of(new ProcessFigures(Duration.ofNanos(nanos), 0, 0));
  }

  /** Ends every connection, then frees the memory that their threads used. */
  @Override
  public void close() {
    try {
      listener.close();
      for (SocketChannel connection : connections) {
        connection.close();
      }
      for (Thread thread : threads) {
        thread.join(JOIN_MILLIS);
      }
      arena.close();
      if (at.file().isPresent()) {
        Files.deleteIfExists(at.file().get());
      }
      Files.deleteIfExists(directory);
    } catch (IOException e) {
      System.err.println(Terminal.safe("left behind: " + directory + " (" + e.getMessage() + ")"));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void listen() {
    while (true) {
      try {
        SocketChannel connection = listener.accept();
        connections.add(connection);
        Thread thread =
            Thread.ofPlatform().daemon().name("slots").unstarted(() -> serveAndLeave(connection));
        threads.add(thread);
        thread.start();
      } catch (IOException e) {
        // Closed.
        return;
      }
    }
  }

  private void serveAndLeave(SocketChannel connection) {
    try (connection) {
      if (at.file().isEmpty()) {
        connection.setOption(StandardSocketOptions.TCP_NODELAY, true);
      }
      serve(connection);
    } catch (IOException e) {
      // The client or the server is ending.
    } finally {
      endedCpuNanos.add(THREADS.getCurrentThreadCpuTime());
      threads.remove(Thread.currentThread());
      connections.remove(connection);
    }
  }

  private void serve(SocketChannel connection) throws IOException {
    ByteBuffer request = ByteBuffer.allocateDirect(SlotProtocol.REQUEST_BYTES);
    ByteBuffer ack = ByteBuffer.allocateDirect(SlotProtocol.ACK_BYTES);
    try (Arena own = Arena.ofConfined()) {
      MemorySegment elsewhere = own.allocate(blockBytes, Long.BYTES);
      while (receive(connection, request.clear())) {
        ByteBuffer payload = slot(request.getLong(8), elsewhere).limit(request.getInt(4));
        switch (request.getInt(0)) {
          case SlotProtocol.READ -> send(connection, payload);
          case SlotProtocol.WRITE -> {
            receive(connection, payload);
            send(connection, ack.clear());
          }
          case SlotProtocol.LOOKUP -> send(connection, ack.clear());
          default -> throw new IOException("op " + request.getInt(0));
        }
      }
    }
  }

  private ByteBuffer slot(long number, MemorySegment elsewhere) {
    return number >= 0 && number < slots
        ? memory.asSlice(number * blockBytes, blockBytes).asByteBuffer()
        : elsewhere.asByteBuffer();
  }

  /** Fills the buffer; false when the connection has ended. */
  private static boolean receive(SocketChannel connection, ByteBuffer into) throws IOException {
    while (into.hasRemaining()) {
      if (connection.read(into) < 0) {
        return false;
      }
    }
    return true;
  }

  private static void send(SocketChannel connection, ByteBuffer from) throws IOException {
    while (from.hasRemaining()) {
      connection.write(from);
    }
  }
}
