package io.kveik.server.tier.s3;

import io.kveik.server.block.BlockHeader;
import io.kveik.server.block.BlockRef;
import io.kveik.server.block.Fingerprint;
import io.kveik.server.codec.CodecKind;
import io.kveik.server.codec.CodecOptions;
import io.kveik.server.memory.Crc32c;
import io.kveik.server.memory.Lease;
import io.kveik.server.memory.Slab;
import io.kveik.server.runtime.Clock;
import io.kveik.server.runtime.Randomness;
import io.kveik.server.runtime.Scheduler;
import io.kveik.server.runtime.Workers;
import io.kveik.server.tier.BatchingTier;
import io.kveik.server.tier.GetOutcome;
import io.kveik.server.tier.PutOutcome;
import io.kveik.server.tier.StoredBlock;
import io.kveik.server.tier.TestBlocks;
import io.kveik.server.tier.object.Background;
import io.kveik.server.tier.object.BlobContainer;
import io.kveik.server.tier.object.MeasuredStore;
import io.kveik.server.tier.object.ObjectTier;
import io.kveik.server.tier.object.ObjectTierOptions;
import io.kveik.server.tier.object.TestContainers;
import io.kveik.server.tier.object.extent.ExtentOptions;
import io.kveik.server.tier.object.extent.ExtentTier;
import io.kveik.server.tier.object.presence.DigestedTier;
import io.kveik.server.tier.object.presence.PresenceDigests;
import io.kveik.server.tier.object.presence.PresenceOptions;
import io.kveik.server.tier.object.resilient.ResilientBlobStore;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.IntConsumer;

/**
 * Small blocks written to and read from an S3 server in this process, each in an object of its own
 * and in extents. Run {@code main}; arguments are blocks, bytes of each and tables read at a time.
 * The table in docs/benchmarks.md is its output.
 */
final class ExtentComparison {
  /** As many as write-behind has by default. */
  private static final int THREADS = 4;

  /** As many as a server reads by default. */
  private static final int DEFAULT_TABLE_READS = 8;

  private static final Fingerprint NAMESPACE = new Fingerprint(1, 2, 3, 4);
  private static final long MINUTE_MILLIS = 60_000;

  private ExtentComparison() {}

  public static void main(String[] args) throws Exception {
    int blocks = args.length > 0 ? Integer.parseInt(args[0]) : 10_000;
    int bytes = args.length > 1 ? Integer.parseInt(args[1]) : 16 << 10;
    int tableReads = args.length > 2 ? Integer.parseInt(args[2]) : DEFAULT_TABLE_READS;
    System.out.printf(
        "%d blocks of %d bytes, %d threads, %d tables at a time%n",
        blocks, bytes, THREADS, tableReads);
    System.out.printf(
        "%-24s %9s %8s %9s %8s %9s %8s%n",
        "", "writes", "seconds", "to learn", "seconds", "reads", "seconds");
    Path directory = Files.createTempDirectory("kveik-extents-");
    try (S3TestServer server = S3TestServer.start(directory)) {
      run("warm-up", server, blocks / 10, bytes, 64, tableReads);
      run("an object each", server, blocks, bytes, 1, tableReads);
      for (int together : new int[] {4, 16, 64}) {
        run("extents of " + together, server, blocks, bytes, together, tableReads);
      }
    } finally {
      Files.delete(S3TestServer.credentialsFile(directory));
      Files.delete(directory);
    }
  }

  private static void run(
      String name, S3TestServer server, int blocks, int bytes, int together, int tableReads)
      throws Exception {
    BlobContainer container = server.newContainer();
    byte[] body = new byte[bytes];
    new SplittableRandom(1).nextBytes(body);
    try (Slab buffers = Slab.anonymous(256L << 20);
        Scheduler scheduler = Scheduler.system("comparison-timer")) {
      long writes;
      double writeSeconds;
      try (Peer writer = Peer.open(server, container, scheduler, tableReads)) {
        long before = writer.requests();
        writeSeconds =
            inParallel(
                (blocks + together - 1) / together,
                batch -> {
                  int first = batch * together;
                  put(writer.tier(), buffers, first, Math.min(together, blocks - first), body);
                });
        writes = writer.requests() - before;
      }
      try (Peer reader = Peer.open(server, container, scheduler, tableReads)) {
        long learning = reader.requests();
        double readSeconds = inParallel(blocks, number -> get(reader.tier(), buffers, number));
        System.out.printf(
            "%-24s %9d %8.2f %9d %8.2f %9d %8.2f%n",
            name,
            writes,
            writeSeconds,
            learning,
            reader.learningSeconds(),
            reader.requests() - learning,
            readSeconds);
      }
    }
  }

  /** A server's way to the store, as it is wired, and its count of requests. */
  private record Peer(ExtentTier tier, ResilientBlobStore store, double learningSeconds)
      implements AutoCloseable {
    static Peer open(
        S3TestServer server, BlobContainer container, Scheduler scheduler, int tableReads)
        throws InterruptedException {
      Clock clock = Clock.system();
      TestContainers containers = new TestContainers(container);
      ResilientBlobStore store =
          MeasuredStore.behindRetries(S3BlobStore.open(server.options()), scheduler);
      ObjectTier singles =
          new ObjectTier(
              store,
              containers,
              new ObjectTierOptions(
                  MINUTE_MILLIS,
                  MINUTE_MILLIS,
                  MINUTE_MILLIS,
                  10,
                  1_000_000,
                  CodecOptions.of(CodecKind.NONE)),
              store::reachable);
      PresenceDigests digests =
          PresenceDigests.open(
              store,
              containers,
              new PresenceOptions(
                  MINUTE_MILLIS,
                  MINUTE_MILLIS,
                  10,
                  10 * MINUTE_MILLIS,
                  256,
                  64 << 20,
                  16 << 20,
                  1_000_000,
                  1_000,
                  1_000,
                  1_000_000),
              ByteBuffer.wrap(Randomness.secureBytes(Long.BYTES)).getLong(),
              scheduler,
              clock);
      ExtentTier tier =
          new ExtentTier(
              new ExtentTier.Parts(
                  new DigestedTier(singles, digests), store, containers, singles.codec()),
              new ExtentOptions(
                  Optional.of(new BatchingTier.Batching(64 << 10, 1 << 20, 256, 50)),
                  2,
                  new ExtentOptions.Calls(MINUTE_MILLIS, MINUTE_MILLIS, MINUTE_MILLIS),
                  MINUTE_MILLIS,
                  10 * MINUTE_MILLIS,
                  tableReads,
                  50,
                  250,
                  1_000_000,
                  64 << 20,
                  10,
                  10 * MINUTE_MILLIS,
                  10),
              new ExtentTier.Threads(
                  Background.on(new Workers("extents", 2, 100)),
                  Background.on(new Workers("extent-tables", tableReads, tableReads))),
              scheduler,
              clock,
              () -> ByteBuffer.wrap(Randomness.secureBytes(Long.BYTES)).getLong());
      long start = System.nanoTime();
      // Until a container's digest is there, each block would be asked for before it is put.
      while (tier.mayHold(ref(-1))) {
        Thread.sleep(10);
      }
      return new Peer(tier, store, (System.nanoTime() - start) / 1e9);
    }

    long requests() {
      return store.counters().tries.sum();
    }

    @Override
    public void close() {
      tier.close();
    }
  }

  private static double inParallel(int tasks, IntConsumer task) throws Exception {
    long start = System.nanoTime();
    try (ExecutorService threads = Executors.newFixedThreadPool(THREADS)) {
      List<Future<?>> all = new ArrayList<>();
      for (int i = 0; i < tasks; i++) {
        int number = i;
        all.add(threads.submit(() -> task.accept(number)));
      }
      for (Future<?> one : all) {
        one.get();
      }
    }
    return (System.nanoTime() - start) / 1e9;
  }

  private static void put(ExtentTier tier, Slab buffers, int first, int count, byte[] body) {
    List<StoredBlock> blocks = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      Lease lease = Objects.requireNonNull(buffers.allocate(body.length), "buffers full");
      lease.segment().copyFrom(MemorySegment.ofArray(body));
      int crc = Crc32c.of(lease.segment());
      blocks.add(
          StoredBlock.transfer(
              new BlockHeader(
                  ref(first + i).key(), NAMESPACE, 1, 0, 0, 128, 0, body.length, 0, crc, 1, 0, 0),
              lease));
    }
    List<PutOutcome> outcomes = tier.putAll(blocks);
    blocks.forEach(StoredBlock::close);
    if (!outcomes.stream().allMatch(new PutOutcome.Stored()::equals)) {
      throw new AssertionError(outcomes);
    }
  }

  private static void get(ExtentTier tier, Slab buffers, int number) {
    switch (tier.get(ref(number), buffers::allocate)) {
      case GetOutcome.Hit(StoredBlock block) -> block.close();
      case GetOutcome other -> throw new AssertionError(number + ": " + other);
    }
  }

  private static BlockRef ref(long number) {
    return new BlockRef(NAMESPACE, TestBlocks.key(number));
  }
}
