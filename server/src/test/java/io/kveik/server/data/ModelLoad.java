package io.kveik.server.data;

import java.lang.foreign.Arena;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.IntStream;
import java.util.stream.LongStream;

/** Loads a {@link ModelServer} with clients in a closed loop, a platform thread each. */
final class ModelLoad implements AutoCloseable {
  static final long SEED = 20261122;

  /** How long clients may take to be under way, and to end. */
  private static final int LIMIT_SECONDS = 30;

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
   * Connects, and measures from when every client has had an answer: nobody waits for anybody,
   * since hundreds of threads that begin together take longer to do so than a round. Calls count
   * that end within the time.
   */
  Figures measure(ModelServer server, SocketAddress address, int clients, Duration duration)
      throws Exception {
    AtomicBoolean stop = new AtomicBoolean();
    CountDownLatch answered = new CountDownLatch(clients);
    List<SlotClient> connected = new ArrayList<>();
    try {
      List<Future<long[]>> all = new ArrayList<>();
      for (int i = 0; i < clients; i++) {
        connected.add(new SlotClient(address, rooms.get(i), SEED + i));
      }
      for (SlotClient client : connected) {
        all.add(threads.submit(() -> client.callUntil(stop, answered)));
      }
      answered.await(LIMIT_SECONDS, TimeUnit.SECONDS);
      long waiting = answered.getCount();
      Duration startCpu = server.cpuTime();
      long startNanos = System.nanoTime();
      Thread.sleep(duration);
      long nanos = System.nanoTime() - startNanos;
      Duration cpu = server.cpuTime().minus(startCpu);
      stop.set(true);
      LongStream.Builder latencies = LongStream.builder();
      for (Future<long[]> one : all) {
        long[] ends = one.get(LIMIT_SECONDS, TimeUnit.SECONDS);
        IntStream.range(1, ends.length)
            .filter(i -> ends[i] - startNanos >= 0 && ends[i] - startNanos < nanos)
            .forEach(i -> latencies.add(ends[i] - ends[i - 1]));
      }
      if (waiting > 0) {
        throw new IllegalStateException(
            "%s at %s: %d of %d clients had no answer in %d s"
                .formatted(server.model(), address, waiting, clients, LIMIT_SECONDS));
      }
      return Figures.of(latencies.build().sorted().toArray(), nanos, cpu);
    } finally {
      stop.set(true);
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
