package io.kveik.server.data;

import io.kveik.client.BlockClient;
import io.kveik.client.BlockClientOptions;
import io.kveik.client.BlockModel;
import io.kveik.client.BlockNamespace;
import io.kveik.client.BlockScope;
import io.kveik.client.NamespaceClient;
import io.kveik.client.data.LoadItem;
import io.kveik.client.data.LoadResult;
import io.kveik.client.data.SocketTransportOptions;
import io.kveik.client.data.StoreItem;
import io.kveik.client.data.TransportKind;
import io.kveik.server.process.ServerProcess;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * What spreading one load over several connections gives, and what TLS takes: one client that loads
 * from a server's DRAM over TCP, each way in turn. Prints GB of payload a second, medians of
 * {@value #ROUNDS} rounds of {@value #ROUND_MILLIS} ms after {@value #WARM_UP_MILLIS} ms of each.
 */
final class StripesAndTls {
  private static final int ROUNDS = 5;
  private static final int ROUND_MILLIS = 800;
  private static final int WARM_UP_MILLIS = 2_500;
  private static final int BLOCK_BYTES = 1_228_800;

  /** A load of all of them is enough for four stripes. */
  private static final int BLOCKS = 16;

  private static final Duration LIMIT = Duration.ofSeconds(30);
  private static final BlockNamespace NAMESPACE =
      new BlockNamespace(new BlockScope("account", "kv", ""), BlockModel.of("llama", 16));

  private StripesAndTls() {}

  /** One way to load, and what was measured of it. */
  private record Way(String name, NamespaceClient blocks, int blocksALoad, List<Double> rates) {}

  public static void main(String[] arguments) throws Exception {
    Path directory = Files.createTempDirectory("kveik-stripes-");
    try {
      measure(directory);
    } finally {
      delete(directory);
    }
  }

  private static void measure(Path directory) throws Exception {
    SelfSigned pem = SelfSigned.make(directory);
    try (ServerProcess plain = serve(directory.resolve("plain"), List.of());
        ServerProcess secured =
            serve(
                directory.resolve("secured"),
                List.of(
                    "--data-tls-cert",
                    pem.certificate().toString(),
                    "--data-tls-key",
                    pem.key().toString()));
        Arena arena = Arena.ofShared()) {
      SocketTransportOptions options = SocketTransportOptions.defaults();
      MemorySegment memory = arena.allocate((long) BLOCKS * BLOCK_BYTES);
      List<Way> ways = new ArrayList<>();
      for (int stripes : List.of(1, 2, 4)) {
        ways.add(
            way("16 blocks, TCP, stripes " + stripes, plain, options.withStripes(stripes), BLOCKS));
      }
      SocketTransportOptions trusting = options.withTls(pem.trusting());
      ways.add(way("16 blocks, TLS, stripes 1", secured, trusting.withStripes(1), BLOCKS));
      ways.add(way("16 blocks, TLS, stripes 2", secured, trusting.withStripes(2), BLOCKS));
      ways.add(way("1 block, TCP", plain, options, 1));
      ways.add(way("1 block, TLS", secured, trusting, 1));
      for (Way way : ways) {
        store(way.blocks(), memory);
        rate(way, memory, WARM_UP_MILLIS);
      }
      for (int round = 0; round < ROUNDS; round++) {
        for (Way way : ways) {
          way.rates().add(rate(way, memory, ROUND_MILLIS));
        }
      }
      for (Way way : ways) {
        Collections.sort(way.rates());
        System.out.printf(
            "%-26s %.2f GB/s (%.2f to %.2f)%n",
            way.name(), way.rates().get(ROUNDS / 2), way.rates().getFirst(), way.rates().getLast());
        way.blocks().close();
      }
    }
  }

  private static void delete(Path directory) throws IOException {
    try (Stream<Path> files = Files.walk(directory)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    }
  }

  private static ServerProcess serve(Path directory, List<String> more) throws Exception {
    List<String> arguments = new ArrayList<>(List.of("--data-dir", directory.toString()));
    // The name in the certificate.
    arguments.addAll(List.of("--host", "localhost"));
    arguments.addAll(List.of("--dram-bytes", "64MiB", "--fs-bytes", "0"));
    arguments.addAll(more);
    return ServerProcess.start(List.of("-XX:+UseZGC", "-Xmx1g"), arguments, LIMIT);
  }

  private static Way way(
      String name, ServerProcess server, SocketTransportOptions sockets, int blocks) {
    BlockClient client =
        BlockClient.connect(
            BlockClientOptions.of("localhost:" + server.port())
                .withTransports(Set.of(TransportKind.TCP))
                .withDeadlines(LIMIT, LIMIT, LIMIT)
                .withSockets(sockets));
    return new Way(name, client.open(NAMESPACE), blocks, new ArrayList<>());
  }

  private static void store(NamespaceClient blocks, MemorySegment memory) {
    for (int i = 0; i < BLOCKS; i++) {
      byte[] parent = i == 0 ? new byte[0] : id(i - 1);
      blocks.store(List.of(StoreItem.of(id(i), parent, 16, room(memory, i))));
    }
  }

  /** GB/s over a while. */
  private static double rate(Way way, MemorySegment memory, int millis) {
    List<LoadItem> items = new ArrayList<>();
    for (int i = 0; i < way.blocksALoad(); i++) {
      items.add(LoadItem.whole(id(i), room(memory, i)));
    }
    long startNanos = System.nanoTime();
    long nanos = 0;
    long bytes = 0;
    while (nanos < TimeUnit.MILLISECONDS.toNanos(millis)) {
      for (LoadResult result : way.blocks().load(items)) {
        if (!result.found()) {
          throw new IllegalStateException(way.name() + ": " + result);
        }
        bytes += result.bytes();
      }
      nanos = System.nanoTime() - startNanos;
    }
    return (double) bytes / nanos;
  }

  private static MemorySegment room(MemorySegment memory, int block) {
    return memory.asSlice((long) block * BLOCK_BYTES, BLOCK_BYTES);
  }

  private static byte[] id(int block) {
    return ByteBuffer.allocate(32).putInt(block).array();
  }
}
