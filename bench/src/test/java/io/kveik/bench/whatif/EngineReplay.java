package io.kveik.bench.whatif;

import io.kveik.server.block.AckLevel;
import io.kveik.server.block.BlockKey;
import io.kveik.server.block.ElementType;
import io.kveik.server.block.Fingerprint;
import io.kveik.server.block.TurnEnd;
import io.kveik.server.cache.CacheEngine;
import io.kveik.server.cache.Chain;
import io.kveik.server.cache.EngineOptions;
import io.kveik.server.cache.MovementOptions;
import io.kveik.server.cache.ShareOptions;
import io.kveik.server.cache.WriteCommand;
import io.kveik.server.cache.WriteOutcome;
import io.kveik.server.cache.eviction.EvictionPolicy;
import io.kveik.server.memory.Slab;
import io.kveik.server.runtime.Clock;
import io.kveik.server.runtime.Scheduler;
import io.kveik.server.runtime.Workers;
import io.kveik.server.tier.dram.DramTier;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalInt;
import java.util.SplittableRandom;
import java.util.function.LongConsumer;

/**
 * A server's engine without its network, DRAM only, and one client that replays a trace against it
 * as {@code ./kveik replay} does: looks a request up, then writes what is missing, root first, with
 * so many writes in flight, which overtake each other. One thread: a seed gives the same victims
 * each time.
 */
final class EngineReplay implements AutoCloseable {
  private static final Fingerprint NAMESPACE = new Fingerprint(1, 2, 3, 4);
  private static final int TOKENS = 128;
  private static final int PAYLOAD_BYTES = 48;
  private static final int GRANULE_BYTES = 64;
  private static final int SLAB_OVERHEAD_BYTES = 2 * GRANULE_BYTES;
  private static final long BUDGET_MILLIS = 30_000;

  private final BlockTrace trace;
  private final int perId;
  private final int window;
  private final SplittableRandom random;
  private final Workers storage = new Workers("storage", 1, 64);
  private final Scheduler scheduler = Scheduler.system("timer");
  private final CacheEngine engine;

  /**
   * @param capacityIds ids of the trace that DRAM has room for, and not one block more
   * @param perId blocks of an id
   * @param window writes in flight
   * @param seed of the order in which those arrive
   */
  EngineReplay(
      BlockTrace trace,
      EvictionPolicy.Factory policies,
      int capacityIds,
      int perId,
      int window,
      long seed) {
    this.trace = trace;
    this.perId = perId;
    this.window = window;
    this.random = new SplittableRandom(seed);
    this.engine =
        new CacheEngine(
            DramTier.transfer(
                Slab.anonymous(SLAB_OVERHEAD_BYTES + (long) capacityIds * perId * GRANULE_BYTES)),
            List.of(),
            policies,
            new EngineOptions(
                100_000,
                BUDGET_MILLIS,
                1,
                BUDGET_MILLIS,
                BUDGET_MILLIS,
                BUDGET_MILLIS,
                1,
                1,
                1,
                BUDGET_MILLIS,
                false,
                MovementOptions.UNBOUNDED,
                ShareOptions.NONE),
            storage,
            scheduler,
            Clock.system());
  }

  /** Ids that were found, over ids that were asked for. */
  double hitRatio() {
    long hits = 0;
    for (int request = 0; request < trace.requests(); request++) {
      hits += replay(request);
    }
    return (double) hits / trace.accesses();
  }

  private int replay(int request) {
    int start = trace.start(request);
    int[] blocks = new int[(trace.start(request + 1) - start) * perId];
    for (int i = 0; i < blocks.length; i++) {
      blocks[i] = trace.block(start + i / perId) * perId + i % perId;
    }
    int found =
        engine.lookup(NAMESPACE, new Blocks(blocks)).toCompletableFuture().join().blocks().size();
    for (int from = found; from < blocks.length; from += window) {
      int end = Math.min(blocks.length, from + window);
      for (int i : shuffled(from, end)) {
        write(blocks[i], parent(blocks[i]));
      }
    }
    trace.turnEnds().after(request, this::tellEnd);
    return found / perId;
  }

  private void tellEnd(int last, TurnEnd end) {
    int[] chain = trace.chainTo(last);
    int[] blocks = new int[chain.length * perId];
    for (int i = 0; i < blocks.length; i++) {
      blocks[i] = chain[i / perId] * perId + i % perId;
    }
    List<BlockKey> keys = Arrays.stream(blocks).mapToObj(EngineReplay::key).toList();
    engine.turnEnded(NAMESPACE, new Blocks(blocks), keys, end);
  }

  private int[] shuffled(int from, int end) {
    int[] order = new int[end - from];
    for (int i = 0; i < order.length; i++) {
      int j = random.nextInt(i + 1);
      order[i] = order[j];
      order[j] = from + i;
    }
    return order;
  }

  private int parent(int block) {
    if (block % perId > 0) {
      return block - 1;
    }
    int parent = trace.parent(block / perId);
    return parent == BlockTrace.ROOT ? -1 : parent * perId + perId - 1;
  }

  private void write(int block, int parent) {
    WriteOutcome outcome =
        engine
            .write(
                new WriteCommand(
                    NAMESPACE,
                    key(block),
                    label(block),
                    parent < 0 ? 0 : label(parent),
                    TOKENS,
                    ElementType.UNDECLARED,
                    new byte[0],
                    new Zeros(),
                    OptionalInt.empty(),
                    0,
                    0,
                    AckLevel.MEMORY))
            .toCompletableFuture()
            .join();
    if (!(outcome instanceof WriteOutcome.Stored)) {
      throw new IllegalStateException("block " + block + ": " + outcome);
    }
  }

  private static long label(int block) {
    return key(block).w0() | 1;
  }

  private static BlockKey key(int block) {
    SplittableRandom words = new SplittableRandom(block);
    return new BlockKey(words.nextLong(), words.nextLong(), words.nextLong(), words.nextLong());
  }

  @Override
  public void close() {
    engine.close();
    storage.close();
    scheduler.close();
  }

  private record Zeros() implements WriteCommand.Payload {
    @Override
    public int length() {
      return PAYLOAD_BYTES;
    }

    @Override
    public void copyTo(MemorySegment target) {
      target.fill((byte) 0);
    }
  }

  /** A request's blocks, all keys known ahead. */
  private record Blocks(int[] numbers) implements Chain {
    @Override
    public int blocks() {
      return numbers.length;
    }

    @Override
    public BlockKey key(int index, long parentLabel) {
      return EngineReplay.key(numbers[index]);
    }

    @Override
    public boolean independent() {
      return true;
    }

    @Override
    public void describe(int index, LongConsumer words) {
      words.accept(numbers[index]);
    }
  }
}
