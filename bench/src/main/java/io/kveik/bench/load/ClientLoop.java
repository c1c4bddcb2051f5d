package io.kveik.bench.load;

import io.kveik.bench.block.BlockContent;
import io.kveik.bench.block.BlockName;
import io.kveik.bench.report.Operation;
import io.kveik.bench.run.StopSignal;
import io.kveik.bench.store.LookupOutcome;
import io.kveik.bench.store.ReadOutcome;
import io.kveik.bench.store.StoreConnection;
import io.kveik.bench.store.WriteOutcome;
import io.kveik.client.ChainLabels;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayDeque;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.LockSupport;

/**
 * One client: makes one call after the other and waits for each. Blocks that it misses it writes
 * again, in place of new ones, as an engine does. One thread at a time uses it.
 */
final class ClientLoop {
  /** Stands for "now" where the time is asked that a call is due. */
  private static final long AT_ONCE = Long.MAX_VALUE;

  private static final long LONGEST_NAP_NANOS = TimeUnit.MILLISECONDS.toNanos(50);

  private final StoreConnection connection;
  private final Workload workload;
  private final WorkingSet blocks;
  private final List<Mix.Step> steps;
  private final SplittableRandom random;
  private final MemorySegment fresh;
  private final MemorySegment buffer;
  private final ArrayDeque<Integer> missing = new ArrayDeque<>();
  private long nextFresh;
  private int placeInChain;
  private long lastLabel;
  private int step;

  /**
   * Uses {@code connection}, which stays the caller's.
   *
   * @param seed of its choices
   * @param firstFresh number of the first block that it may write; it counts up from there
   * @param memory the client's own
   */
  ClientLoop(
      StoreConnection connection,
      Workload workload,
      WorkingSet blocks,
      long seed,
      long firstFresh,
      ClientMemory memory) {
    this.connection = connection;
    this.workload = workload;
    this.blocks = blocks;
    this.steps = workload.mix().steps();
    this.random = new SplittableRandom(seed);
    this.nextFresh = firstFresh;
    this.fresh = memory.fresh();
    this.buffer = memory.buffer();
  }

  /** Closed loop: calls until that {@link System#nanoTime()}; the last may take longer. */
  void runClosed(long endNanos, Recorder recorder, StopSignal stop) throws IOException {
    while (System.nanoTime() - endNanos < 0 && !stop.isRequested()) {
      call(AT_ONCE, recorder);
    }
  }

  /**
   * Open loop: makes each call that it takes when it is due, or at once when it is late. From
   * {@code giveUpNanos} on, calls are no longer made but recorded with how late they are by then.
   */
  void runOpen(Arrivals arrivals, long giveUpNanos, Recorder recorder, StopSignal stop)
      throws IOException {
    for (long due = arrivals.take(); due != Arrivals.NONE; due = arrivals.take()) {
      while (System.nanoTime() - due < 0 && !stop.isRequested()) {
        LockSupport.parkNanos(Math.min(LONGEST_NAP_NANOS, due - System.nanoTime()));
      }
      if (stop.isRequested()) {
        return;
      }
      if (System.nanoTime() - giveUpNanos < 0) {
        call(due, recorder);
      } else {
        recorder.totals.unserved.increment();
        recorder.record(operation(steps.get(step)), due);
        advance();
      }
    }
  }

  private void call(long due, Recorder recorder) throws IOException {
    switch (steps.get(step)) {
      case LOOKUP -> lookup(due, recorder);
      case READ -> read(due, recorder);
      case WRITE -> write(due, recorder);
    }
    advance();
  }

  private void advance() {
    step = (step + 1) % steps.size();
  }

  private Operation operation(Mix.Step kind) {
    return switch (kind) {
      case LOOKUP -> Operation.LOOKUP;
      case READ -> workload.streaming() ? Operation.READ_STREAM : Operation.READ_BLOCK;
      case WRITE -> Operation.WRITE;
    };
  }

  private void lookup(long due, Recorder recorder) throws IOException {
    int chain = random.nextInt(workload.chains());
    List<BlockName> names = blocks.chain(chain);
    long from = from(due);
    switch (connection.lookup(names)) {
      case LookupOutcome.Found found -> {
        recorder.record(Operation.LOOKUP, from);
        recorder.totals.lookups.increment();
        if (found.blocks() < names.size()) {
          miss(chain * workload.chain() + found.blocks(), recorder);
        }
      }
      case LookupOutcome.Wrong _ -> recorder.totals.wrongBlocks.increment();
      case LookupOutcome.Refused _ -> recorder.totals.failedLookups.increment();
    }
  }

  private void read(long due, Recorder recorder) throws IOException {
    if (workload.streaming()) {
      readChain(due, recorder);
      return;
    }
    int block = random.nextInt(workload.workingBlocks());
    BlockName name = blocks.block(block);
    long from = from(due);
    ReadOutcome outcome = connection.read(name, buffer, payload -> blocks.isRight(block, payload));
    count(block, outcome, recorder);
    if (outcome == ReadOutcome.REFUSED) {
      recorder.totals.failedReads.increment();
    } else {
      recorder.record(Operation.READ_BLOCK, from);
      recorder.totals.reads.increment();
    }
  }

  private void readChain(long due, Recorder recorder) throws IOException {
    int chain = random.nextInt(workload.chains());
    int first = chain * workload.chain();
    List<BlockName> names = blocks.chain(chain);
    long from = from(due);
    long[] waitingFrom = {from};
    boolean served =
        connection.readChain(
            names,
            buffer,
            (i, outcome, payload) -> {
              boolean wrong = outcome == ReadOutcome.FOUND && !blocks.isRight(first + i, payload);
              count(first + i, wrong ? ReadOutcome.WRONG : outcome, recorder);
              recorder.record(Operation.READ_BLOCK, waitingFrom[0]);
              waitingFrom[0] = System.nanoTime();
            });
    if (served) {
      recorder.record(Operation.READ_STREAM, from);
    }
    LongAdder counter = served ? recorder.totals.reads : recorder.totals.failedReads;
    counter.increment();
  }

  private void count(int block, ReadOutcome outcome, Recorder recorder) {
    switch (outcome) {
      case FOUND -> recorder.totals.blocksRead.increment();
      case WRONG -> {
        recorder.totals.blocksRead.increment();
        recorder.totals.wrongBlocks.increment();
      }
      case MISSING -> miss(block, recorder);
      case REFUSED -> {}
    }
  }

  private void miss(int block, Recorder recorder) {
    recorder.totals.misses.increment();
    if (workload.mix().growsBesideWorkingSet() && missing.size() < workload.chain()) {
      missing.add(block);
    }
  }

  private void write(long due, Recorder recorder) throws IOException {
    Integer again = missing.poll();
    BlockName name;
    MemorySegment payload;
    if (again == null) {
      name = nextFresh();
      payload = fresh;
    } else {
      name = blocks.block(again);
      workload.payload().fill(again, buffer);
      payload = buffer;
    }
    long from = from(due);
    switch (connection.write(name, payload)) {
      case WriteOutcome.Stored stored -> {
        recorder.record(Operation.WRITE, from);
        recorder.totals.writes.increment();
        recorder.totals.alreadyPresent.add(stored.alreadyPresent() ? 1 : 0);
        recorder.totals.shortAcks.add(stored.belowAck() ? 1 : 0);
      }
      case WriteOutcome.Refused _ -> recorder.totals.failedWrites.increment();
    }
  }

  /** The next new block: its payload differs from that before in its first word, its key in all. */
  private BlockName nextFresh() {
    long number = nextFresh++;
    long parent = placeInChain == 0 ? 0 : lastLabel;
    long[] tokens = new long[BlockContent.TOKENS];
    BlockContent.fillTokens(number, tokens, 0);
    lastLabel = ChainLabels.label(parent, tokens, 0, tokens.length);
    placeInChain = (placeInChain + 1) % workload.chain();
    fresh.set(ValueLayout.JAVA_LONG_UNALIGNED, 0, number);
    return new BlockName(number, lastLabel, parent);
  }

  /** When a call that is made now began: when it was due, if it was. */
  private static long from(long due) {
    return due == AT_ONCE ? System.nanoTime() : due;
  }
}
