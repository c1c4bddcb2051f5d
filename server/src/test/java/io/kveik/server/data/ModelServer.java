package io.kveik.server.data;

import io.kveik.server.memory.SlabMemory;
import io.kveik.server.process.JavaCommand;
import java.io.BufferedReader;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardProtocolFamily;
import java.net.StandardSocketOptions;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * A process that serves slots by one model, over loopback TCP and a Unix socket. It ends, and takes
 * its socket's file away, when its standard input does, so a parent that is killed leaves nothing.
 */
record ModelServer(
    ConnectionModel model, Process process, InetSocketAddress tcp, UnixDomainSocketAddress unix)
    implements AutoCloseable {
  /** Of either end, as the data port and its client have it. */
  static final int SOCKET_BUFFER_BYTES = 2 << 20;

  private static final int BACKLOG = 512;

  /** The process: prints its TCP port and its Unix socket's path when it listens. */
  public static void main(String[] arguments) throws IOException {
    ConnectionModel model = ConnectionModel.valueOf(arguments[0]);
    MemorySegment slots =
        SlabMemory.hugePages()
            .map(Arena.global(), (long) SlotExchange.SLOTS * SlotExchange.PAYLOAD_BYTES);
    SlotExchange.fill(slots);
    Path directory = Files.createTempDirectory("kveik-model-");
    Path path = directory.resolve("unix");
    try (ServerSocketChannel tcp = ServerSocketChannel.open();
        ServerSocketChannel unix = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
      tcp.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), BACKLOG);
      unix.bind(UnixDomainSocketAddress.of(path), BACKLOG);
      accept(tcp, model.taker(slots));
      accept(unix, model.taker(slots));
      System.out.println(((InetSocketAddress) tcp.getLocalAddress()).getPort());
      System.out.println(path);
      System.in.readAllBytes();
    } finally {
      Files.deleteIfExists(path);
      Files.delete(directory);
    }
  }

  private static void accept(ServerSocketChannel listener, ConnectionModel.Taker taker) {
    Thread.ofPlatform()
        .daemon()
        .start(() -> {
          while (listener.isOpen()) {
            try {
              SocketChannel socket = listener.accept();
              if (socket.getLocalAddress() instanceof InetSocketAddress) {
                socket.setOption(StandardSocketOptions.TCP_NODELAY, true);
              }
              socket.setOption(StandardSocketOptions.SO_SNDBUF, SOCKET_BUFFER_BYTES);
              taker.take(socket);
            } catch (IOException e) {
              // The process is ending, or a client that came has gone again.
            }
          }
        });
  }

  /** Starts a process and waits until it listens. */
  static ModelServer start(ConnectionModel model) throws IOException {
    List<String> command = new ArrayList<>();
    command.addAll(JavaCommand.of(List.of("-XX:+UseZGC", "-Xmx256m"), ModelServer.class.getName()));
    command.add(model.name());
    Process process =
        new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
    BufferedReader said = process.inputReader(StandardCharsets.UTF_8);
    String port = said.readLine();
    String path = said.readLine();
    if (port == null || path == null) {
      throw new IOException("the server of " + model + " ended before it served");
    }
    return new ModelServer(
        model,
        process,
        new InetSocketAddress(InetAddress.getLoopbackAddress(), Integer.parseInt(port)),
        UnixDomainSocketAddress.of(path));
  }

  /** CPU time since the process started; Linux counts it in steps of 10 ms. */
  Duration cpuTime() {
    return process.info().totalCpuDuration().orElseThrow();
  }

  @Override
  public void close() throws IOException {
    process.getOutputStream().close();
    process.onExit().join();
  }
}
