package io.kveik.bench.peer;

import io.kveik.bench.store.Protocol;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Starts memcached with its default of four threads. Stateless. */
final class MemcachedServer {
  private static final String PROGRAM = "memcached";

  /** It wants room for some of the largest items, and gives each size class pages of its own. */
  private static final int LEAST_ITEMS = 4;

  private MemcachedServer() {}

  static void check() {
    program();
  }

  static Peer start(PeerSettings settings, Path directory) throws IOException {
    Listening at = Listening.choose(settings.socket(), directory);
    long itemMib = Math.ceilDiv(settings.blockBytes(), PeerSettings.MIB) + 1;
    long memoryMib = Math.max(LEAST_ITEMS * itemMib, settings.memoryBytes() / PeerSettings.MIB);
    List<String> command = new ArrayList<>(List.of(program().toString(), "-U", "0"));
    command.addAll(List.of("-m", Long.toString(memoryMib), "-I", itemMib + "m"));
    command.addAll(List.of("-c", Integer.toString(settings.maxConnections())));
    // Without it, it refuses to run as root.
    command.addAll(List.of("-u", System.getProperty("user.name")));
    at.file()
        .ifPresentOrElse(
            file -> command.addAll(List.of("-s", file.toString())),
            () ->
                command.addAll(
                    List.of("-l", Listening.LOOPBACK, "-p", Integer.toString(at.port()))));
    ChildProcess process = ChildProcess.start(PROGRAM, command, directory);
    process.awaitServing(at::connectOnce);
    return new Peer(PeerKind.MEMCACHED, process, at.address(Protocol.MEMCACHED));
  }

  private static Path program() {
    return Programs.need(PROGRAM, "apt-get install memcached");
  }
}
