package io.kveik.bench.load;

import io.kveik.client.AckLevel;
import io.kveik.client.BlockScope;

/**
 * How to load a server.
 *
 * @param mix what the clients do
 * @param streaming whether a read is a stream of a whole chain
 * @param scope where the blocks are
 * @param blockBytes payload of a block
 * @param blocks of the working set; rounded up to whole chains
 * @param chain blocks of a chain
 * @param concurrency how many clients, each a thread with a connection of its own
 * @param warmupSeconds how long before anything counts
 * @param seconds how long it counts
 * @param ack what writes wait for
 */
public record LoadPlan(
    Mix mix,
    boolean streaming,
    BlockScope scope,
    int blockBytes,
    int blocks,
    int chain,
    int concurrency,
    int warmupSeconds,
    int seconds,
    AckLevel ack) {
  /** The smallest payload. */
  public static final int MIN_BLOCK_BYTES = 16;

  /** The largest payload. */
  public static final int MAX_BLOCK_BYTES = 64 << 20;

  /** The largest working set. */
  public static final int MAX_BLOCKS = 4_000_000;

  /** The longest chain. */
  public static final int MAX_CHAIN = 1_024;

  /** The most clients. */
  public static final int MAX_CONCURRENCY = 1_024;

  /** A day. */
  public static final int MAX_SECONDS = 86_400;

  /** The most memory for payloads in flight, over all clients. */
  public static final long MAX_PAYLOAD_BYTES = 2L << 30;

  /** Room beside the working set: an eighth of it, and this many blocks at least. */
  private static final int MIN_SPARE_BLOCKS = 8;

  /** Checks the bounds. */
  public LoadPlan {
    within("block-bytes", blockBytes, MIN_BLOCK_BYTES, MAX_BLOCK_BYTES);
    within("blocks", blocks, 1, MAX_BLOCKS);
    within("chain", chain, 1, MAX_CHAIN);
    within("concurrency", concurrency, 1, MAX_CONCURRENCY);
    within("warmup", warmupSeconds, 0, MAX_SECONDS);
    within("seconds", seconds, 1, MAX_SECONDS);
    if ((long) concurrency * blockBytes > MAX_PAYLOAD_BYTES) {
      throw new IllegalArgumentException(
          "concurrency * block-bytes is %,d bytes, the limit is %,d"
              .formatted((long) concurrency * blockBytes, MAX_PAYLOAD_BYTES));
    }
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

  private static void within(String field, long value, long min, long max) {
    if (value < min || value > max) {
      throw new IllegalArgumentException(
          "%s is %d, not in %d..%d".formatted(field, value, min, max));
    }
  }
}
