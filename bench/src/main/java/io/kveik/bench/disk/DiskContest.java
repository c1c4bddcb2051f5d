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
 * file system. Raw writes are synced once at their end; each of the tier's puts is durable when it
 * returns.
 */
public final class DiskContest {
  private static final double NANOS_PER_SECOND = 1e9;
  private static final double NANOS_PER_MILLI = 1e6;

  /** What the tier needs beyond its records, so that nothing leaves during a run. */
  private static final int ROOM_FACTOR = 2;

  private final DiskPlan plan;
  private final StopSignal stop;
  private final Clock clock = Clock.system();

  public DiskContest(DiskPlan plan, StopSignal stop) {
    this.plan = plan;
    this.stop = stop;
  }

  private record Round(
      double rawWrite,
      double tierWrite,
      double rawRead,
      double tierRead,
      double openMillis,
      double listMillis) {}

  /** One step of a thread. */
  @FunctionalInterface
  private interface Step {
    void run(int number, ByteBuffer memory) throws IOException;
  }

  /** Runs all rounds. */
  public DiskFigures run() throws IOException, InterruptedException {
    List<Round> rounds = new ArrayList<>();
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
    return new DiskFigures(
        median(rounds, Comparator.comparingDouble(Round::rawWrite)).rawWrite(),
        median(rounds, Comparator.comparingDouble(Round::tierWrite)).tierWrite(),
        median(rounds, Comparator.comparingDouble(Round::rawRead)).rawRead(),
        median(rounds, Comparator.comparingDouble(Round::tierRead)).tierRead(),
        median(rounds, Comparator.comparingDouble(Round::openMillis)).openMillis(),
        median(rounds, Comparator.comparingDouble(Round::listMillis)).listMillis());
  }

  private static Round median(List<Round> rounds, Comparator<Round> by) {
    return rounds.stream().sorted(by).toList().get(rounds.size() / 2);
  }

  private Round round(Path directory, long seed) throws IOException, InterruptedException {
    NvmeOptions options =
        NvmeOptions.of(Math.max(1L << 30, ROOM_FACTOR * (long) plan.recordBytes() * plan.blocks()))
            .withIo(plan.io());
    int[] order = shuffled(seed);
    try (RawFile raw = new RawFile(directory.resolve("raw"), plan.recordBytes());
        TierBlocks blocks = new TierBlocks(plan.payloadBytes(), plan.threads())) {
      double rawWrite =
          rate(() -> {
            each(raw, raw::write);
            raw.force();
          });
      double tierWrite;
      double rawRead;
      double tierRead;
      try (NvmeTier tier = open(directory, options)) {
        tierWrite = rate(() -> each(raw, (number, _) -> blocks.put(tier, number)));
        rawRead = rate(() -> each(raw, (number, memory) -> raw.read(order[number], memory)));
        tierRead = rate(() -> each(raw, (number, _) -> blocks.get(tier, order[number])));
      }
      long startNanos = clock.nanoTime();
      try (NvmeTier tier = open(directory, options)) {
        long openNanos = clock.nanoTime();
        AtomicInteger listed = new AtomicInteger();
        boolean complete = tier.scan(header -> listed.incrementAndGet());
        if (!complete || listed.get() != plan.blocks()) {
          throw new IOException("listed " + listed + " of " + plan.blocks() + " blocks");
        }
        return new Round(
            rawWrite,
            tierWrite,
            rawRead,
            tierRead,
            (openNanos - startNanos) / NANOS_PER_MILLI,
            (clock.nanoTime() - openNanos) / NANOS_PER_MILLI);
      }
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
