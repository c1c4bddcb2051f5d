package io.kveik.bench.load;

import io.kveik.bench.run.StopSignal;
import io.kveik.bench.run.WorkerThreads;
import io.kveik.bench.store.BlockStore;
import io.kveik.bench.store.StoreAddress;
import io.kveik.bench.store.StoreConnection;
import io.kveik.bench.store.StoreSettings;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Clients in this process, each a thread with a connection of its own to every store.
 *
 * <p>What counts is every call that began in the measured time; the time ends with the last of
 * them, so that slow calls are not left out. An open loop that is behind at its end goes on for at
 * most as long again, and {@value #MAX_DRAIN_SECONDS} s at most.
 */
public final class LocalGenerator implements LoadGenerator {
  /** The most memory for payloads of clients. */
  public static final long MAX_PAYLOAD_BYTES = 4L << 30;

  private static final int MAX_DRAIN_SECONDS = 10;

  /** New blocks have numbers from here on, those of each client 2^{@value #FRESH_BITS} apart. */
  private static final long FIRST_FRESH = 1L << 62;

  private static final int FRESH_BITS = 40;

  private static final int PAYLOADS_PER_CLIENT = 2;

  private final Workload workload;
  private final StoreSettings settings;
  private final Slice slice;
  private final StopSignal stop;
  private final WorkingSet blocks;
  private final Arena arena = Arena.ofShared();
  private final List<ClientMemory> memories = new ArrayList<>();
  private final Map<String, Loaded> stores = new HashMap<>();
  private volatile LoadTotals live = new LoadTotals();

  /** A store and the clients of it. */
  private record Loaded(
      BlockStore store, List<StoreConnection> connections, List<ClientLoop> loops) {
    void close() {
      connections.forEach(StoreConnection::close);
      store.close();
    }
  }

  /**
   * Allocates the clients' memory and computes the working set's labels.
   *
   * @param clients the most that are used at a time
   * @param slice which part of the working set it writes
   * @throws IllegalArgumentException when the clients' memory would be too much
   */
  public LocalGenerator(
      Workload workload, StoreSettings settings, int clients, Slice slice, StopSignal stop) {
    checkMemory(workload, clients);
    this.workload = workload;
    this.settings = settings;
    this.slice = slice;
    this.stop = stop;
    this.blocks = new WorkingSet(workload);
    for (int i = 0; i < clients; i++) {
      memories.add(
          ClientMemory.allocate(arena, workload.blockBytes(), workload.payload(), ~(long) i));
    }
  }

  /**
   * Refuses clients whose memory would be too much.
   *
   * @throws IllegalArgumentException when it would
   */
  public static void checkMemory(Workload workload, int clients) {
    long bytes = (long) PAYLOADS_PER_CLIENT * clients * workload.blockBytes();
    if (bytes > MAX_PAYLOAD_BYTES) {
      throw new IllegalArgumentException(
          "%d * concurrency * block-bytes is %,d bytes, the limit is %,d"
              .formatted(PAYLOADS_PER_CLIENT, bytes, MAX_PAYLOAD_BYTES));
    }
  }

  @Override
  public void prepare(String store, StoreAddress address)
      throws LoadFailedException, InterruptedException {
    connect(store, address);
    store(store);
    locate(store);
  }

  /** Connects every client to a store. */
  public void connect(String name, StoreAddress address) throws LoadFailedException {
    Loaded loaded =
        new Loaded(
            address.protocol().open(address.where(), settings),
            new ArrayList<>(),
            new ArrayList<>());
    stores.put(name, loaded);
    // New blocks have numbers that no other run has, so that a partition may serve again.
    long run = FIRST_FRESH + ThreadLocalRandom.current().nextLong(FIRST_FRESH / 2);
    try {
      for (int i = 0; i < memories.size(); i++) {
        StoreConnection connection = loaded.store.connect();
        loaded.connections.add(connection);
        loaded.loops.add(
            new ClientLoop(
                connection,
                workload,
                blocks,
                (long) slice.process() * Point.MAX_CONCURRENCY + i,
                run + ((long) i << FRESH_BITS),
                memories.get(i)));
      }
    } catch (IOException e) {
      throw new LoadFailedException(e);
    }
  }

  /** Writes this process's part of the working set to a store, or all where nothing is shared. */
  public void store(String name) throws LoadFailedException, InterruptedException {
    boolean shared = loaded(name).store.isShared();
    forChains(
        name,
        (chain, connection, memory) -> {
          if (slice.has(chain) || !shared) {
            blocks.store(chain, connection, memory.buffer());
            live.writes.add(workload.chain());
          }
        });
  }

  /** Finds all of the working set in a store. */
  public void locate(String name) throws LoadFailedException, InterruptedException {
    forChains(
        name, (chain, connection, memory) -> blocks.locate(chain, connection, memory.buffer()));
  }

  @Override
  public Measurement run(String name, Point point, long millis)
      throws LoadFailedException, InterruptedException {
    List<ClientLoop> loops = loaded(name).loops;
    long startNanos = System.nanoTime();
    long durationNanos = TimeUnit.MILLISECONDS.toNanos(millis);
    long endNanos = startNanos + durationNanos;
    Recorder recorder =
        new Recorder(
            workload, startNanos, Math.ceilDiv(durationNanos, TimeUnit.SECONDS.toNanos(1)));
    live = recorder.totals;
    long offered = 0;
    Optional<Exception> failure;
    if (point.isOpenLoop()) {
      Arrivals arrivals = new Arrivals(startNanos, durationNanos, point.ratePerSecond());
      long giveUpNanos =
          endNanos + Math.min(durationNanos, TimeUnit.SECONDS.toNanos(MAX_DRAIN_SECONDS));
      offered = arrivals.count();
      failure =
          WorkerThreads.run(
              point.concurrency(),
              stop,
              i -> loops.get(i).runOpen(arrivals, giveUpNanos, recorder, stop));
    } else {
      failure =
          WorkerThreads.run(
              point.concurrency(), stop, i -> loops.get(i).runClosed(endNanos, recorder, stop));
    }
    throwIfPresent(failure);
    return recorder.finish(System.nanoTime() - startNanos, offered);
  }

  @Override
  public Counts live() {
    return live.counts();
  }

  @Override
  public void close() {
    stores.values().forEach(Loaded::close);
    arena.close();
  }

  /** Something to do with a chain. */
  @FunctionalInterface
  private interface ChainWork {
    void run(int chain, StoreConnection connection, ClientMemory memory) throws IOException;
  }

  private void forChains(String name, ChainWork work)
      throws LoadFailedException, InterruptedException {
    if (!workload.mix().needsWorkingSet()) {
      return;
    }
    live = new LoadTotals();
    List<StoreConnection> connections = loaded(name).connections;
    AtomicInteger next = new AtomicInteger();
    throwIfPresent(
        WorkerThreads.run(
            connections.size(),
            stop,
            worker -> {
              int chain = next.getAndIncrement();
              while (chain < workload.chains() && !stop.isRequested()) {
                work.run(chain, connections.get(worker), memories.get(worker));
                chain = next.getAndIncrement();
              }
            }));
  }

  private Loaded loaded(String name) {
    return Objects.requireNonNull(stores.get(name), name);
  }

  private static void throwIfPresent(Optional<Exception> failure) throws LoadFailedException {
    if (failure.isPresent()) {
      throw new LoadFailedException(failure.get());
    }
  }
}
