package io.kveik.server.data;

import java.lang.foreign.Arena;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.IntStream;
import java.util.stream.LongStream;

/** Loads a {@link ModelServer} with clients in a closed loop, a platform thread each. */
final class ModelLoad implements AutoCloseable {
  static final long SEED = 20261122;

  /** How long clients may take to be under way, and to end; who takes longer counts as starved. */
  private static final Duration PATIENCE = Duration.ofSeconds(3);

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

  /**
   * What was reached; a GB is 10^9 bytes of payload.
   *
   * @param starved clients that had no answer before the measurement began
   */
  record Figures(
      double gbPerSecond,
      double p50Micros,
      double p99Micros,
      double cpuSecondsPerGb,
      long starved) {
    private static Figures of(long[] sortedNanos, long nanos, Duration cpu, long starved) {
      double bytes = (double) sortedNanos.length * SlotExchange.PAYLOAD_BYTES;
      return new Figures(
          bytes / nanos,
          sortedNanos[sortedNanos.length / 2] / 1e3,
          sortedNanos[(int) (sortedNanos.length * 0.99)] / 1e3,
          cpu.toNanos() / bytes,
          starved);
    }
  }

  /**
   * Connects, and measures from when every client has had an answer, or has waited in vain: nobody
   * waits for anybody, since hundreds of threads that begin together take longer to do so than a
   * round. Calls count that end within the time.
   */
  Figures measure(ModelServer server, SocketAddress address, int clients, Duration duration)
      throws Exception {
    AtomicBoolean stop = new AtomicBoolean();
    CountDownLatch answered = new CountDownLatch(clients);
    List<SlotClient> connected = new ArrayList<>();
    List<Future<long[]>> all = new ArrayList<>();
    try {
      for (int i = 0; i < clients; i++) {
        connected.add(new SlotClient(address, rooms.get(i), SEED + i));
      }
      for (SlotClient client : connected) {
        all.add(threads.submit(() -> client.callUntil(stop, answered)));
      }
      answered.await(PATIENCE.toNanos(), TimeUnit.NANOSECONDS);
      long starved = answered.getCount();
      Duration startCpu = server.cpuTime();
      long startNanos = System.nanoTime();
      Thread.sleep(duration);
      long nanos = System.nanoTime() - startNanos;
      Duration cpu = server.cpuTime().minus(startCpu);
      stop.set(true);
      LongStream.Builder latencies = LongStream.builder();
      for (Future<long[]> one : all) {
        long[] ends = endsOf(one);
        IntStream.range(1, ends.length)
            .filter(i -> ends[i] - startNanos >= 0 && ends[i] - startNanos < nanos)
            .forEach(i -> latencies.add(ends[i] - ends[i - 1]));
      }
      return Figures.of(latencies.build().sorted().toArray(), nanos, cpu, starved);
    } finally {
      stop.set(true);
      for (SlotClient client : connected) {
        client.close();
      }
      for (Future<long[]> one : all) {
        awaitEnd(one);
      }
    }
  }

  /** Of a client that still waits for its answer: none. */
  private static long[] endsOf(Future<long[]> client)
      throws InterruptedException, ExecutionException {
    try {
      return client.get(PATIENCE.toNanos(), TimeUnit.NANOSECONDS);
    } catch (TimeoutException e) {
      return new long[0];
    }
  }

  /** Before its memory is another's: the close of its connection ends who still waits. */
  private static void awaitEnd(Future<long[]> client) throws InterruptedException {
    try {
      client.get();
    } catch (ExecutionException e) {
      // Cut off in the middle of a call.
    }
  }

  @Override
  public void close() {
    threads.close();
    arena.close();
  }
}
