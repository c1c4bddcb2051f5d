package io.kveik.bench.load;

import io.kveik.bench.block.BlockContent;
import io.kveik.bench.report.Latencies;
import io.kveik.bench.report.Operation;
import io.kveik.bench.run.Failures;
import io.kveik.bench.run.StopSignal;
import io.kveik.client.Block;
import io.kveik.client.BlockConsumer;
import io.kveik.client.BlockRef;
import io.kveik.client.BlockWrite;
import io.kveik.client.ChainLabels;
import io.kveik.client.KveikClient;
import io.kveik.client.KveikException;
import io.kveik.client.WriteResult;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.LongAdder;

/**
 * One client: makes one call after the other and waits for each. Blocks that it misses it writes
 * again, in place of new ones, as an engine does. One thread at a time may use it.
 */
final class LoadClient implements AutoCloseable {
  private final KveikClient client;
  private final LoadPlan plan;
  private final WorkingSet blocks;
  private final LoadTotals totals;
  private final Latencies latencies;
  private final SplittableRandom random;
  private final MemorySegment fresh;
  private final MemorySegment buffer;
  private final ArrayDeque<Integer> missing = new ArrayDeque<>();
  private long nextFresh;
  private int placeInChain;
  private long lastLabel;
  private int step;

  /**
   * Takes {@code client} over.
   *
   * @param number of this client, from 0
   * @param firstFresh number of the first block that it may write; it may count up from there
   * @param fresh holds what new blocks are made of
   * @param buffer for a block of the working set
   */
  LoadClient(
      KveikClient client,
      LoadPlan plan,
      WorkingSet blocks,
      LoadTotals totals,
      Latencies latencies,
      int number,
      long firstFresh,
      MemorySegment fresh,
      MemorySegment buffer) {
    this.client = client;
    this.plan = plan;
    this.blocks = blocks;
    this.totals = totals;
    this.latencies = latencies;
    this.random = new SplittableRandom(number);
    this.nextFresh = firstFresh;
    this.fresh = fresh;
    this.buffer = buffer;
    BlockContent.fillPayload(number, fresh);
  }

  /** Writes chains of the working set until all are there. */
  void store(StopSignal stop) throws IOException {
    boolean more = true;
    while (more && !stop.isRequested()) {
      more = blocks.storeNext(client, buffer);
    }
  }

  /** Makes calls until that {@link System#nanoTime()}; the last may take longer. */
  void load(long endNanos, StopSignal stop) {
    List<Mix.Step> steps = plan.mix().steps();
    while (System.nanoTime() - endNanos < 0 && !stop.isRequested()) {
      switch (steps.get(step)) {
        case LOOKUP -> lookup();
        case READ -> read();
        case WRITE -> write();
      }
      step = (step + 1) % steps.size();
    }
  }

  @Override
  public void close() {
    client.close();
  }

  private void lookup() {
    int chain = random.nextInt(plan.chains());
    long[] tokens = blocks.tokens(chain);
    long startNanos = System.nanoTime();
    try {
      List<BlockRef> found = client.lookup(plan.scope(), tokens).blocks();
      latencies.recordSince(Operation.LOOKUP, startNanos);
      if (!blocks.locate(chain, found)) {
        totals.wrongBlocks.increment();
      } else if (found.size() < plan.chain()) {
        miss(chain * plan.chain() + found.size());
      }
    } catch (KveikException e) {
      countOrThrow(e, totals.failedLookups);
    }
  }

  private void read() {
    try {
      if (plan.streaming()) {
        readStream(random.nextInt(plan.chains()));
      } else {
        readBlock(random.nextInt(plan.workingBlocks()));
      }
    } catch (KveikException e) {
      countOrThrow(e, totals.failedReads);
    }
  }

  private void readBlock(int block) {
    long wrongBefore = client.corruptBlocks();
    long startNanos = System.nanoTime();
    Optional<Block> read = client.read(plan.scope(), blocks.ref(block));
    try {
      check(block, read);
      latencies.recordSince(Operation.READ_BLOCK, startNanos);
    } finally {
      read.ifPresent(Block::close);
    }
    totals.wrongBlocks.add(client.corruptBlocks() - wrongBefore);
  }

  private void readStream(int chain) {
    int first = chain * plan.chain();
    long wrongBefore = client.corruptBlocks();
    long startNanos = System.nanoTime();
    client.readAll(plan.scope(), blocks.refsOf(chain), new StreamCheck(first, startNanos));
    latencies.recordSince(Operation.READ_STREAM, startNanos);
    totals.wrongBlocks.add(client.corruptBlocks() - wrongBefore);
  }

  private void check(int block, Optional<Block> read) {
    if (read.isEmpty()) {
      miss(block);
      return;
    }
    totals.blocksRead.increment();
    if (!blocks.isRight(block, read.get())) {
      totals.wrongBlocks.increment();
    }
  }

  private void miss(int block) {
    totals.misses.increment();
    if (plan.mix().growsBesideWorkingSet() && missing.size() < plan.chain()) {
      missing.add(block);
    }
  }

  private void write() {
    Integer again = missing.poll();
    BlockWrite write;
    if (again == null) {
      write = nextFresh();
    } else {
      BlockContent.fillPayload(again, buffer);
      write = blocks.write(again, buffer);
    }
    long startNanos = System.nanoTime();
    try {
      count(client.write(plan.scope(), write));
      latencies.recordSince(Operation.WRITE, startNanos);
    } catch (KveikException e) {
      countOrThrow(e, totals.failedWrites);
    }
  }

  private void count(WriteResult result) {
    totals.blocksWritten.increment();
    if (result.alreadyPresent()) {
      totals.alreadyPresent.increment();
    }
    if (result.ackLevel().compareTo(plan.ack()) < 0) {
      totals.shortAcks.increment();
    }
  }

  /** The next new block: its payload differs from that before in its first word, its key in all. */
  private BlockWrite nextFresh() {
    long number = nextFresh++;
    long parent = placeInChain == 0 ? 0 : lastLabel;
    long[] tokens = new long[BlockContent.TOKENS];
    BlockContent.fillTokens(number, tokens, 0);
    lastLabel = ChainLabels.label(parent, tokens, 0, tokens.length);
    placeInChain = (placeInChain + 1) % plan.chain();
    fresh.set(ValueLayout.JAVA_LONG_UNALIGNED, 0, number);
    return BlockWrite.builder(lastLabel, parent, tokens, fresh).ackLevel(plan.ack()).build();
  }

  private static void countOrThrow(KveikException failure, LongAdder counter) {
    if (!Failures.isLegal(failure)) {
      throw failure;
    }
    counter.increment();
  }

  /** Checks the blocks of one stream. */
  private final class StreamCheck implements BlockConsumer {
    private final int first;
    private long waitStartNanos;

    StreamCheck(int first, long startNanos) {
      this.first = first;
      this.waitStartNanos = startNanos;
    }

    @Override
    public void accept(int i, Optional<Block> block) {
      check(first + i, block);
      latencies.recordSince(Operation.READ_BLOCK, waitStartNanos);
      waitStartNanos = System.nanoTime();
    }
  }
}
