package io.kveik.server.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.grpc.ManagedChannel;
import io.grpc.netty.NettyChannelBuilder;
import io.kveik.client.ClientOptions;
import io.kveik.client.KveikClient;
import io.kveik.server.KveikServer;
import io.kveik.server.config.Configuration;
import io.kveik.server.memory.Slab;
import io.kveik.server.memory.SlabStats;
import io.kveik.server.telemetry.Logging;
import io.kveik.wire.v1.KVStoreServiceGrpc;
import io.kveik.wire.v1.KVStoreServiceGrpc.KVStoreServiceBlockingStub;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.lang.reflect.Field;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * A real server in this process, on free ports. {@link #close} checks that it gives back every
 * lease.
 */
final class RunningServer implements AutoCloseable {
  static {
    Logging.configure("error", false);
  }

  private static final int DEADLINE_SECONDS = 9;

  private final KveikServer server;
  private final Slab slab;
  private final List<ManagedChannel> channels = new ArrayList<>();
  private final HttpClient http = HttpClient.newHttpClient();

  private RunningServer(KveikServer server) {
    this.server = server;
    this.slab = (Slab) field(field(field(server, "engine"), "memory"), "slab");
  }

  /**
   * Starts one.
   *
   * @param settings each as {@code key=value}; what is not named is small
   */
  static RunningServer start(Path dataDirectory, String... settings) throws IOException {
    Map<String, String> flags = new HashMap<>();
    flags.put("port", "0");
    flags.put("admin.port", "0");
    flags.put("data-dir", dataDirectory.toString());
    flags.put("dram-bytes", "64MiB");
    flags.put("disable-metrics", "true");
    // Clients that never end their calls have nothing to say at the end either.
    flags.put("shutdown.drain-millis", "200");
    for (String setting : settings) {
      String[] parts = setting.split("=", 2);
      flags.put(parts[0], parts[1]);
    }
    PrintStream console =
        new PrintStream(OutputStream.nullOutputStream(), false, StandardCharsets.UTF_8);
    return new RunningServer(
        KveikServer.start(Configuration.of(Map.of(), Map.of(), flags), console));
  }

  int port() {
    return server.port();
  }

  int adminPort() {
    return server.adminPort().orElseThrow();
  }

  KveikClient client() {
    return KveikClient.connect(
        ClientOptions.builder("localhost:" + port())
            .maxAttempts(1)
            .lookupDeadline(Duration.ofSeconds(DEADLINE_SECONDS))
            .build());
  }

  /** A connection of its own; closed with the server. */
  ManagedChannel connect() {
    ManagedChannel channel =
        NettyChannelBuilder.forAddress("localhost", port())
            .usePlaintext()
            .maxInboundMessageSize(Integer.MAX_VALUE)
            .build();
    channels.add(channel);
    return channel;
  }

  static KVStoreServiceBlockingStub stub(ManagedChannel channel) {
    return KVStoreServiceGrpc.newBlockingStub(channel)
        .withDeadlineAfter(DEADLINE_SECONDS, TimeUnit.SECONDS);
  }

  /** The sum of a meter's values over its labels, as an operator sees it. */
  double metric(String name) {
    String text;
    try {
      text =
          http.send(
                  HttpRequest.newBuilder(
                          URI.create(
                              "http://localhost:" + server.adminPort().orElseThrow() + "/metrics"))
                      .build(),
                  BodyHandlers.ofString())
              .body();
    } catch (IOException | InterruptedException e) {
      throw new IllegalStateException("no metrics", e);
    }
    double sum = 0;
    boolean known = false;
    for (String line : text.split("\n", -1)) {
      if (line.startsWith(name + " ") || line.startsWith(name + "{")) {
        sum += Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1));
        known = true;
      }
    }
    assertThat(known).as("%s is a meter", name).isTrue();
    return sum;
  }

  /** Waits until nobody reads or writes: each block has its own lease, and there are no others. */
  void awaitNoReaders() {
    await()
        .atMost(5, TimeUnit.SECONDS)
        .untilAsserted(() -> {
          SlabStats stats = slab.stats();
          assertThat(stats.liveLeases()).isEqualTo(stats.liveAllocations());
          assertThat((double) stats.liveAllocations())
              .isEqualTo(metric("kveik_tier_blocks{tier=\"dram\"}"));
        });
  }

  /** Waits until every call is over and nothing that was sent lies unread. */
  void awaitNoCalls() {
    await()
        .atMost(5, TimeUnit.SECONDS)
        .untilAsserted(() -> {
          assertThat(metric("kveik_grpc_calls")).isZero();
          assertThat(metric("kveik_grpc_unsent_bytes")).isZero();
        });
  }

  @Override
  public void close() {
    channels.forEach(ManagedChannel::shutdownNow);
    server.close();
    http.close();
    assertThat(slab.liveLeases()).as("leases after close").isZero();
  }

  private static Object field(Object owner, String name) {
    try {
      Field field = owner.getClass().getDeclaredField(name);
      field.setAccessible(true);
      return field.get(owner);
    } catch (ReflectiveOperationException e) {
      throw new LinkageError("no " + name + " in " + owner.getClass(), e);
    }
  }
}
