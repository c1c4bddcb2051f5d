package io.kveik.bench.disk;

import io.kveik.bench.run.StopSignal;
import io.kveik.bench.run.WorkerThreads;
import io.kveik.server.runtime.Clock;
import io.kveik.server.tier.nvme.NvmeOptions;
import io.kveik.server.tier.nvme.NvmeTier;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;

/**
 * Writes and reads blocks through the tier and, in turn with that, records of the same length
 * through nothing but direct I/O: the same number of threads, so the same queue depth, on the same
 * file system. First into new files, then over what is there, which is how a tier lives once it is
 * full. Each of the tier's puts is durable when it returns; raw writes are measured with a sync at
 * their end alone, and with one for each group of them.
 */
public final class DiskContest {
  private static final double NANOS_PER_SECOND = 1e9;
  private static final double NANOS_PER_MILLI = 1e6;

  private final DiskPlan plan;
  private final StopSignal stop;
  private final Clock clock = Clock.system();

  public DiskContest(DiskPlan plan, StopSignal stop) {
    this.plan = plan;
    this.stop = stop;
  }

  /** One step of a thread. */
  @FunctionalInterface
  private interface Step {
    void run(int number, ByteBuffer memory) throws IOException;
  }

  /** Runs all rounds. */
  public DiskFigures run() throws IOException, InterruptedException {
    List<DiskFigures> rounds = new ArrayList<>();
    for (int round = 0; round < plan.rounds() && !stop.isRequested(); round++) {
      Path directory = Files.createTempDirectory(plan.directory(), "kveik-bench-disk");
      try {
        rounds.add(round(directory, plan.seed() + round));
      } finally {
        delete(directory);
      }
    }
    if (rounds.isEmpty()) {
      throw new IOException("ended before the first round did");
    }
    return DiskFigures.median(rounds);
  }

  private DiskFigures round(Path directory, long seed) throws IOException, InterruptedException {
    NvmeOptions options = NvmeOptions.of(plan.tierBytes()).withIo(plan.io());
    int[] order = shuffled(seed);
    try (RawFile raw = new RawFile(directory.resolve("raw"), plan.recordBytes());
        RawFile synced = new RawFile(directory.resolve("raw-synced"), plan.recordBytes());
        TierBlocks blocks = new TierBlocks(plan.payloadBytes(), plan.threads())) {
      DiskFigures.Writes fresh;
      DiskFigures.Reads reads;
      try (NvmeTier tier = open(directory, options)) {
        fresh = writes(raw, synced, number -> blocks.put(tier, number));
        reads =
            DiskFigures.Reads.of(
                rate(() -> each(raw, (number, memory) -> raw.read(order[number], memory))),
                rate(() -> each(raw, (number, _) -> blocks.get(tier, order[number]))));
      }
      long startNanos = clock.nanoTime();
      try (NvmeTier tier = open(directory, options)) {
        long openNanos = clock.nanoTime();
        requireAll(tier);
        long listedNanos = clock.nanoTime();
        return new DiskFigures(
            fresh,
            writes(raw, synced, number -> blocks.put(tier, plan.blocks() + number)),
            reads,
            (openNanos - startNanos) / NANOS_PER_MILLI,
            (listedNanos - openNanos) / NANOS_PER_MILLI);
      }
    }
  }

  /** A put of one block. */
  @FunctionalInterface
  private interface Put {
    void put(int number) throws IOException;
  }

  private DiskFigures.Writes writes(RawFile raw, RawFile synced, Put put)
      throws IOException, InterruptedException {
    double rawRate =
        rate(() -> {
          each(raw, raw::write);
          raw.force();
        });
    GroupSync sync = new GroupSync(synced);
    double syncedRate =
        rate(() ->
            each(
                synced,
                (number, memory) -> {
                  synced.write(number, memory);
                  sync.await();
                }));
    double tierRate = rate(() -> each(raw, (number, _) -> put.put(number)));
    return DiskFigures.Writes.of(rawRate, syncedRate, tierRate);
  }

  private void requireAll(NvmeTier tier) throws IOException {
    AtomicInteger listed = new AtomicInteger();
    boolean complete = tier.scan(header -> listed.incrementAndGet());
    if (!complete || listed.get() != plan.blocks()) {
      throw new IOException("listed " + listed + " of " + plan.blocks() + " blocks");
    }
  }

  private NvmeTier open(Path directory, NvmeOptions options) throws IOException {
    NvmeTier tier = NvmeTier.open(directory.resolve("nvme"), options, clock);
    if (!tier.status().down().isEmpty()) {
      throw new IOException(tier.status().down());
    }
    return tier;
  }

  @FunctionalInterface
  private interface Work {
    void run() throws IOException, InterruptedException;
  }

  private double rate(Work work) throws IOException, InterruptedException {
    long startNanos = clock.nanoTime();
    work.run();
    double seconds = (clock.nanoTime() - startNanos) / NANOS_PER_SECOND;
    return (double) plan.payloadBytes() * plan.blocks() / seconds;
  }

  /** Deals the numbers out to the threads one by one. */
  private void each(RawFile raw, Step step) throws IOException, InterruptedException {
    AtomicInteger next = new AtomicInteger();
    Optional<Exception> failure =
        WorkerThreads.run(
            plan.threads(),
            stop,
            worker -> {
              try (Arena arena = Arena.ofConfined()) {
                ByteBuffer memory = raw.buffer(arena);
                int number;
                while ((number = next.getAndIncrement()) < plan.blocks() && !stop.isRequested()) {
                  step.run(number, memory);
                }
              }
            });
    if (failure.isPresent()) {
      throw failure.get() instanceof IOException e ? e : new IOException(failure.get());
    }
    if (stop.isRequested()) {
      throw new IOException("ended before its time");
    }
  }

  private int[] shuffled(long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    int[] order = new int[plan.blocks()];
    Arrays.setAll(order, i -> i);
    for (int i = order.length - 1; i > 0; i--) {
      int other = random.nextInt(i + 1);
      int swap = order[i];
      order[i] = order[other];
      order[other] = swap;
    }
    return order;
  }

  private static void delete(Path directory) throws IOException {
    try (Stream<Path> files = Files.walk(directory)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    }
  }
}
