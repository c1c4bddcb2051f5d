package io.kveik.server.data;

import java.lang.foreign.Arena;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.LongStream;

/** Loads a {@link ModelServer} with clients in a closed loop, a platform thread each. */
final class ModelLoad implements AutoCloseable {
  static final long SEED = 20261122;

  /** How much longer than it should a measurement may take. */
  private static final Duration SLACK = Duration.ofSeconds(30);

  private final Arena arena = Arena.ofShared();
  private final List<ByteBuffer> rooms = new ArrayList<>();
  private final ExecutorService threads;

  /** Memory and threads for that many clients. */
  ModelLoad(int mostClients) {
    for (int i = 0; i < mostClients; i++) {
      rooms.add(arena.allocate(SlotClient.ROOM_BYTES, Long.BYTES).asByteBuffer());
    }
    threads = Executors.newFixedThreadPool(mostClients);
  }

  /** What was reached; a GB is 10^9 bytes of payload. */
  record Figures(double gbPerSecond, double p50Micros, double p99Micros, double cpuSecondsPerGb) {
    private static Figures of(long[] sortedNanos, long nanos, Duration cpu) {
      double bytes = (double) sortedNanos.length * SlotExchange.PAYLOAD_BYTES;
      return new Figures(
          bytes / nanos,
          sortedNanos[sortedNanos.length / 2] / 1e3,
          sortedNanos[(int) (sortedNanos.length * 0.99)] / 1e3,
          cpu.toNanos() / bytes);
    }
  }

  /**
   * Connects, has each client make a call, and measures from then on, until the last call that
   * began in time has ended.
   */
  Figures measure(ModelServer server, SocketAddress address, int clients, Duration duration)
      throws Exception {
    long[] startNanos = {0};
    Duration[] startCpu = {Duration.ZERO};
    CyclicBarrier start =
        new CyclicBarrier(
            clients,
            () -> {
              startCpu[0] = server.cpuTime();
              startNanos[0] = System.nanoTime();
            });
    List<SlotClient> connected = new ArrayList<>();
    try {
      List<Callable<long[]>> tasks = new ArrayList<>();
      for (int i = 0; i < clients; i++) {
        SlotClient client = new SlotClient(address, rooms.get(i), SEED + i);
        connected.add(client);
        client.call();
        tasks.add(() -> {
          start.await();
          return client.callUntil(startNanos[0] + duration.toNanos());
        });
      }
      List<Future<long[]>> all =
          threads.invokeAll(tasks, duration.plus(SLACK).toMillis(), TimeUnit.MILLISECONDS);
      long nanos = System.nanoTime() - startNanos[0];
      Duration cpu = server.cpuTime().minus(startCpu[0]);
      LongStream.Builder latencies = LongStream.builder();
      for (Future<long[]> one : all) {
        Arrays.stream(one.get()).forEach(latencies);
      }
      return Figures.of(latencies.build().sorted().toArray(), nanos, cpu);
    } finally {
      for (SlotClient client : connected) {
        client.close();
      }
    }
  }

  @Override
  public void close() {
    threads.close();
    arena.close();
  }
}
