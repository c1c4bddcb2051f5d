package io.kveik.bench.peer;

import io.kveik.bench.store.Protocol;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Starts redis-server: nothing on disk, LRU when it is full. Stateless. */
final class RedisServer {
  private static final String PROGRAM = "redis-server";
  private static final long MAX_VALUE_BYTES = 512 * PeerSettings.MIB;

  private RedisServer() {}

  static void check() {
    program();
  }

  static Peer start(PeerSettings settings, Path directory) throws IOException {
    Listening at = Listening.choose(settings.socket(), directory);
    List<String> command = new ArrayList<>(List.of(program().toString()));
    command.addAll(List.of("--save", "", "--appendonly", "no", "--daemonize", "no"));
    command.addAll(List.of("--bind", Listening.LOOPBACK, "--port", Integer.toString(at.port())));
    at.file().ifPresent(file -> command.addAll(List.of("--unixsocket", file.toString())));
    command.addAll(List.of("--maxclients", Integer.toString(settings.maxConnections())));
    command.addAll(List.of("--maxmemory", Long.toString(settings.memoryBytes())));
    command.addAll(List.of("--maxmemory-policy", "allkeys-lru"));
    command.addAll(List.of("--proto-max-bulk-len", Long.toString(MAX_VALUE_BYTES)));
    ChildProcess process = ChildProcess.start(PROGRAM, command, directory);
    process.awaitServing(at::connectOnce);
    return new Peer(PeerKind.REDIS, process, at.address(Protocol.RESP));
  }

  private static Path program() {
    return Programs.need(PROGRAM, "apt-get install redis-server");
  }
}
