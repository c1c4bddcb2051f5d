package io.kveik.bench.disk;

import io.kveik.bench.run.StopSignal;
import io.kveik.server.runtime.Clock;
import io.kveik.server.tier.nvme.NvmeOptions;
import io.kveik.server.tier.nvme.NvmeTier;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;

/**
 * Writes and reads blocks through the tier and, in {@link Turns} with that, records of the same
 * length through nothing but direct I/O: the same number of threads, so the same queue depth, on
 * the same file system. First into new files, then over what is there, which is how a tier lives
 * once it is full. Each of the tier's puts is durable when it returns; raw writes are measured with
 * a sync at their end alone, and with one for each group of them. Raw reads are of the tier's own
 * files.
 */
public final class DiskContest {
  private static final String TIER = "nvme";
  private static final double NANOS_PER_MILLI = 1e6;

  private final DiskPlan plan;
  private final StopSignal stop;
  private final Clock clock = Clock.system();

  public DiskContest(DiskPlan plan, StopSignal stop) {
    this.plan = plan;
    this.stop = stop;
  }

  /** Runs all rounds, and one before them that doesn't count: the tier's code is young in it. */
  public DiskFigures run() throws IOException, InterruptedException {
    requireRoom();
    List<DiskFigures> rounds = new ArrayList<>();
    for (int round = 0; round <= plan.rounds() && !stop.isRequested(); round++) {
      Path directory = Files.createTempDirectory(plan.directory(), "kveik-bench-disk");
      try {
        DiskFigures figures = round(directory, plan.seed() + round);
        if (round > 0) {
          rounds.add(figures);
        }
      } finally {
        delete(directory);
      }
    }
    if (rounds.isEmpty()) {
      throw new IOException("ended before the first round did");
    }
    return DiskFigures.median(rounds);
  }

  private void requireRoom() throws IOException {
    long needed = plan.diskBytes();
    long free = Files.getFileStore(plan.directory()).getUsableSpace();
    if (free < needed) {
      throw new IOException(
          "%s: %,d bytes free, %,d needed for --blocks %d three times"
              .formatted(plan.directory(), free, needed, plan.blocks()));
    }
  }

  private DiskFigures round(Path directory, long seed) throws IOException, InterruptedException {
    NvmeOptions options = NvmeOptions.of(plan.tierBytes()).withIo(plan.io());
    int[] order = shuffled(seed);
    try (RawMemory memory = new RawMemory(plan);
        RawFile raw = new RawFile(directory.resolve("raw"), plan.recordBytes());
        RawFile synced = new RawFile(directory.resolve("raw-synced"), plan.recordBytes());
        TierBlocks blocks = new TierBlocks(plan)) {
      Turns turns = new Turns(plan, stop, clock, memory);
      DiskFigures.Writes fresh;
      DiskFigures.Reads reads;
      try (NvmeTier tier = open(directory, options)) {
        fresh = writes(turns, raw, synced, number -> blocks.put(tier, number));
        reads = reads(turns, directory, order, number -> blocks.get(tier, number));
      }
      long startNanos = clock.nanoTime();
      try (NvmeTier tier = open(directory, options)) {
        long openNanos = clock.nanoTime();
        requireAll(tier);
        long listedNanos = clock.nanoTime();
        return new DiskFigures(
            fresh,
            writes(turns, raw, synced, number -> blocks.put(tier, plan.blocks() + number)),
            reads,
            (openNanos - startNanos) / NANOS_PER_MILLI,
            (listedNanos - openNanos) / NANOS_PER_MILLI);
      }
    }
  }

  /** What the tier does with one block. */
  @FunctionalInterface
  private interface BlockStep {
    void run(int number) throws IOException;
  }

  private DiskFigures.Writes writes(Turns turns, RawFile raw, RawFile synced, BlockStep put)
      throws IOException, InterruptedException {
    GroupSync sync = new GroupSync(synced);
    double[] rates =
        turns.rates(
            new Turns.Contestant(raw::write, raw::force),
            Turns.Contestant.of((number, memory) -> {
              synced.write(number, memory);
              sync.await();
            }),
            Turns.Contestant.of((number, _) -> put.run(number)));
    return DiskFigures.Writes.of(rates[0], rates[1], rates[2]);
  }

  private DiskFigures.Reads reads(Turns turns, Path directory, int[] order, BlockStep get)
      throws IOException, InterruptedException {
    try (TierFiles files =
        TierFiles.open(directory.resolve(TIER), plan.blocks(), plan.recordBytes())) {
      double[] rates =
          turns.rates(
              Turns.Contestant.of((number, memory) -> files.read(order[number], memory)),
              Turns.Contestant.of((number, _) -> get.run(order[number])));
      return DiskFigures.Reads.of(rates[0], rates[1]);
    }
  }

  private void requireAll(NvmeTier tier) throws IOException {
    AtomicInteger listed = new AtomicInteger();
    boolean complete = tier.scan(header -> listed.incrementAndGet());
    if (!complete || listed.get() != plan.blocks()) {
      throw new IOException("listed " + listed + " of " + plan.blocks() + " blocks");
    }
  }

  private NvmeTier open(Path directory, NvmeOptions options) throws IOException {
    NvmeTier tier = NvmeTier.open(directory.resolve(TIER), options, clock);
    if (!tier.status().down().isEmpty()) {
      throw new IOException(tier.status().down());
    }
    return tier;
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
