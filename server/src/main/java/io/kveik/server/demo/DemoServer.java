package io.kveik.server.demo;

import io.kveik.client.BlockScope;
import io.kveik.client.ClientOptions;
import io.kveik.client.KveikClient;
import io.kveik.server.process.ServerProcess;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The demo's server, its data directory and the connection to it. One thread uses it; any thread
 * may close it, at any time, after which no process and no directory of its own is left.
 */
final class DemoServer implements AutoCloseable {
  private static final Duration START_LIMIT = Duration.ofSeconds(60);
  private static final Duration CALL_LIMIT = Duration.ofSeconds(30);
  private static final List<String> JVM_FLAGS =
      List.of("-Xmx512m", "-XX:MaxDirectMemorySize=512m", "-XX:+UseSerialGC");
  private static final long MIN_DRAM_BYTES = 64L << 20;
  private static final long MAX_DRAM_BYTES = 1L << 30;
  private static final long SPARE_DISK_BYTES = 256L << 20;

  private final Path directory;
  private final boolean keep;
  private final long payloadBytes;
  private @Nullable ServerProcess process;
  private @Nullable KveikClient client;
  private boolean closed;

  private DemoServer(Path directory, boolean keep, long payloadBytes) {
    this.directory = directory;
    this.keep = keep;
    this.payloadBytes = payloadBytes;
  }

  /**
   * Makes the directory; starts nothing yet.
   *
   * @param directory kept afterwards; null for one that is deleted
   * @param payloadBytes of all the blocks there will be
   */
  static DemoServer in(@Nullable Path directory, long payloadBytes) throws IOException {
    if (directory == null) {
      return new DemoServer(Files.createTempDirectory("kveik-demo-"), false, payloadBytes);
    }
    Files.createDirectories(directory);
    return new DemoServer(directory, true, payloadBytes);
  }

  Path directory() {
    return directory;
  }

  /**
   * Starts the server on what the directory holds, and connects.
   *
   * @return its client, good until the next kill
   */
  synchronized KveikClient start() throws IOException {
    if (closed) {
      throw new IllegalStateException("the demo is over");
    }
    long dram = Math.clamp(4 * payloadBytes, MIN_DRAM_BYTES, MAX_DRAM_BYTES);
    process =
        ServerProcess.start(
            JVM_FLAGS,
            List.of(
                "--data-dir",
                directory.toString(),
                "--dram-bytes",
                Long.toString(dram),
                "--fs-bytes",
                Long.toString(2 * payloadBytes + SPARE_DISK_BYTES)),
            START_LIMIT);
    KveikClient connected =
        KveikClient.connect(
            ClientOptions.builder(process.target())
                .lookupDeadline(CALL_LIMIT)
                .readAllDeadline(CALL_LIMIT.multipliedBy(4))
                .writeDeadline(CALL_LIMIT)
                .build());
    client = connected;
    // Opens the connection, so that no measured call pays for it.
    connected.lookup(new BlockScope("demo", "kv", ""), new long[KveikClient.BLOCK_TOKENS]);
    return connected;
  }

  synchronized long pid() {
    return process == null ? -1 : process.pid();
  }

  /** SIGKILL: nothing in the server gets to run any more. */
  synchronized void kill() {
    disconnect();
    if (process != null) {
      process.kill();
    }
  }

  /** Stops the server and deletes the directory if it is the demo's own. */
  @Override
  public synchronized void close() {
    if (closed) {
      return;
    }
    closed = true;
    kill();
    if (!keep) {
      delete(directory);
    }
  }

  private void disconnect() {
    if (client != null) {
      client.close();
      client = null;
    }
  }

  private static void delete(Path root) {
    try (Stream<Path> all = Files.walk(root)) {
      for (Path path : all.sorted(Comparator.reverseOrder()).toList()) {
        Files.deleteIfExists(path);
      }
    } catch (IOException e) {
      throw new UncheckedIOException("can't delete " + root, e);
    }
  }
}
