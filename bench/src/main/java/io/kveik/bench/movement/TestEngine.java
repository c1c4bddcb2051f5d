package io.kveik.bench.movement;

import io.kveik.server.block.AckLevel;
import io.kveik.server.block.BlockKey;
import io.kveik.server.block.ElementType;
import io.kveik.server.block.Fingerprint;
import io.kveik.server.cache.CacheEngine;
import io.kveik.server.cache.Chain;
import io.kveik.server.cache.EngineOptions;
import io.kveik.server.cache.LookupOutcome;
import io.kveik.server.cache.MovementOptions;
import io.kveik.server.cache.Promotion;
import io.kveik.server.cache.ReadOutcome;
import io.kveik.server.cache.ShareOptions;
import io.kveik.server.cache.WriteCommand;
import io.kveik.server.cache.eviction.LeafFirstLru;
import io.kveik.server.memory.Slab;
import io.kveik.server.runtime.Clock;
import io.kveik.server.runtime.Scheduler;
import io.kveik.server.runtime.Workers;
import io.kveik.server.tier.dram.DramTier;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.OptionalInt;
import java.util.SplittableRandom;
import java.util.function.LongConsumer;

/** A server's engine without its network: memory over a disk. Blocks are numbers. */
final class TestEngine implements AutoCloseable {
  /** Memory holds so many blocks, a quarter of them on their way down. */
  private static final int MEMORY_BLOCKS = 128;

  /** The disk has room for so many times the blocks that are read, and for what a turn writes. */
  private static final long DISK_TIMES = 6;

  /** More than a turn writes on any disk: what is read should not be pushed out by it. */
  private static final long MOST_WRITTEN_BYTES_PER_SECOND = 4L << 30;

  /** Of what the disk has free; a long turn then writes over what it wrote. */
  private static final long FREE_SHARE = 2;

  private static final Fingerprint NAMESPACE = new Fingerprint(1, 2, 3, 4);
  private static final int SLAB_OVERHEAD = 4_096;

  private final Workers storage = new Workers("storage", 8, 4_096);
  private final Scheduler scheduler = Scheduler.system("timer");
  private final AckLevel durable;
  private final CacheEngine engine;
  private final MemorySegment payload;

  TestEngine(MovementPlan plan, Path directory, long pauseMillis) throws IOException {
    long blockBytes = (long) plan.blockBytes() + SLAB_OVERHEAD;
    long diskBytes =
        Math.min(
            DISK_TIMES * plan.blocks() * blockBytes
                + plan.seconds() * MOST_WRITTEN_BYTES_PER_SECOND,
            Files.getFileStore(directory).getUsableSpace() / FREE_SHARE);
    long queueBytes = MEMORY_BLOCKS / 4 * blockBytes;
    Clock clock = Clock.system();
    CacheEngine.Below below = plan.tier().open(directory, diskBytes, clock);
    this.durable = below.level();
    this.engine =
        new CacheEngine(
            DramTier.transfer(Slab.anonymous(MEMORY_BLOCKS * blockBytes)),
            List.of(below),
            LeafFirstLru::new,
            new EngineOptions(
                8,
                1_000,
                8,
                30_000,
                30_000,
                30_000,
                8_192,
                queueBytes,
                4,
                1_000,
                false,
                // Nothing that is read is remembered or kept: every read is cold.
                new MovementOptions(Promotion.SECOND_USE, 4, 6, 0, pauseMillis, 1, 0),
                ShareOptions.NONE),
            storage,
            scheduler,
            clock);
    this.payload = Arena.ofAuto().allocate(plan.blockBytes());
    SplittableRandom random = new SplittableRandom(plan.seed());
    for (long i = 0; i + Long.BYTES <= payload.byteSize(); i += Long.BYTES) {
      payload.set(ValueLayout.JAVA_LONG_UNALIGNED, i, random.nextLong());
    }
    engine.recover();
  }

  /** Writes a block and waits until the disk has it. */
  void writeDown(long number) {
    write(number, durable);
  }

  /** Writes a block into memory; the disk has it later. */
  void write(long number) {
    write(number, AckLevel.MEMORY);
  }

  private void write(long number, AckLevel ack) {
    engine
        .write(
            new WriteCommand(
                NAMESPACE,
                key(number),
                number,
                0,
                128,
                ElementType.UNDECLARED,
                new byte[0],
                new WriteCommand.Payload() {
                  @Override
                  public int length() {
                    return (int) payload.byteSize();
                  }

                  @Override
                  public void copyTo(MemorySegment target) {
                    target.copyFrom(payload);
                  }
                },
                OptionalInt.empty(),
                0,
                0,
                ack))
        .toCompletableFuture()
        .join();
  }

  /** Looks a block up, so that it counts as used; true when only a file has it. */
  boolean isCold(long number) {
    Chain chain =
        new Chain() {
          @Override
          public int blocks() {
            return 1;
          }

          @Override
          public BlockKey key(int index, long parentLabel) {
            return TestEngine.key(number);
          }

          @Override
          public boolean independent() {
            return true;
          }

          @Override
          public void describe(int index, LongConsumer words) {
            words.accept(key(index, 0).w0());
          }
        };
    List<LookupOutcome.Found> found =
        engine.lookup(NAMESPACE, chain).toCompletableFuture().join().blocks();
    return found.size() == 1 && found.getFirst().place() != LookupOutcome.Place.DRAM;
  }

  /**
   * Reads a block.
   *
   * @return false when it has left since it was looked up
   * @throws IllegalStateException for a miss of another kind
   */
  boolean read(long number) {
    return switch (engine.read(NAMESPACE, key(number)).toCompletableFuture().join()) {
      case ReadOutcome.Hit hit -> {
        hit.block().close();
        yield true;
      }
      case ReadOutcome.Miss miss when miss.reason() == ReadOutcome.Reason.ABSENT -> false;
      case ReadOutcome.Miss miss ->
          throw new IllegalStateException("block " + number + ": " + miss.reason());
    };
  }

  /** Payload bytes that were put into files yet. */
  long takenBytes() {
    return engine.status().tiers().get(1).takenBytes();
  }

  private static BlockKey key(long number) {
    SplittableRandom random = new SplittableRandom(number);
    return new BlockKey(random.nextLong(), random.nextLong(), random.nextLong(), random.nextLong());
  }

  @Override
  public void close() {
    engine.close();
    storage.close();
    scheduler.close();
  }
}
