package io.kveik.bench.load;

import io.kveik.bench.block.PayloadKind;
import io.kveik.bench.report.Operation;
import io.kveik.bench.run.Bounds;
import java.util.EnumSet;
import java.util.Set;

/**
 * What clients do, to which blocks.
 *
 * @param mix what a client does over and over
 * @param streaming whether a read is one of a whole chain
 * @param blockBytes payload of a block
 * @param blocks of the working set; rounded up to whole chains
 * @param chain blocks of a chain
 * @param payload what blocks hold
 * @param verification how they are compared
 * @param expectedIntervalNanos between the calls of a client; calls that took longer are recorded
 *     as HdrHistogram does it against coordinated omission, as if others had waited behind them. 0
 *     records what was measured
 */
public record Workload(
    Mix mix,
    boolean streaming,
    int blockBytes,
    int blocks,
    int chain,
    PayloadKind payload,
    Verification verification,
    long expectedIntervalNanos) {
  /** The smallest payload. */
  public static final int MIN_BLOCK_BYTES = 16;

  /** The largest payload. */
  public static final int MAX_BLOCK_BYTES = 64 << 20;

  /** The largest working set. */
  public static final int MAX_BLOCKS = 4_000_000;

  /** The longest chain. */
  public static final int MAX_CHAIN = 1_024;

  /** A minute. */
  private static final long MAX_INTERVAL_NANOS = 60_000_000_000L;

  /** Room beside the working set: an eighth of it, and this many blocks at least. */
  private static final int MIN_SPARE_BLOCKS = 8;

  /** Checks the bounds. */
  public Workload {
    Bounds.within("block-bytes", blockBytes, MIN_BLOCK_BYTES, MAX_BLOCK_BYTES);
    Bounds.within("blocks", blocks, 1, MAX_BLOCKS);
    Bounds.within("chain", chain, 1, MAX_CHAIN);
    Bounds.within("expected-interval (ns)", expectedIntervalNanos, 0, MAX_INTERVAL_NANOS);
  }

  /** What latencies are kept of. */
  public Set<Operation> operations() {
    Set<Operation> operations = EnumSet.noneOf(Operation.class);
    for (Mix.Step step : mix.steps()) {
      operations.add(
          switch (step) {
            case LOOKUP -> Operation.LOOKUP;
            case READ -> Operation.READ_BLOCK;
            case WRITE -> Operation.WRITE;
          });
    }
    if (streaming) {
      operations.add(Operation.READ_STREAM);
    }
    return operations;
  }

  /** How many chains the working set has. */
  public int chains() {
    return Math.ceilDiv(blocks, chain);
  }

  /** How many blocks it has: whole chains. */
  public int workingBlocks() {
    return chains() * chain;
  }

  /** How many blocks a server should have room for, so that the working set stays. */
  public long roomInBlocks() {
    long working = workingBlocks();
    long beside = mix.growsBesideWorkingSet() ? working : 0;
    return working + beside + Math.max(MIN_SPARE_BLOCKS, working / 8);
  }
}
