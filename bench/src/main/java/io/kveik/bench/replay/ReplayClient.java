package io.kveik.bench.replay;

import io.kveik.bench.block.BlockChains;
import io.kveik.bench.block.BlockCheck;
import io.kveik.bench.block.BlockContent;
import io.kveik.bench.block.PayloadKind;
import io.kveik.bench.report.Latencies;
import io.kveik.bench.report.Operation;
import io.kveik.bench.run.Failures;
import io.kveik.bench.trace.TraceIndex;
import io.kveik.bench.trace.TraceRequest;
import io.kveik.client.Block;
import io.kveik.client.BlockConsumer;
import io.kveik.client.BlockRef;
import io.kveik.client.BlockScope;
import io.kveik.client.KveikClient;
import io.kveik.client.KveikException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.LongAdder;

/**
 * Does what an engine does with one request after the other: looks its prompt up, reads the blocks
 * that were found, and writes the others. What it reads it compares byte by byte. Made, used and
 * closed by one thread.
 */
final class ReplayClient implements AutoCloseable {
  private final KveikClient client;
  private final BlockScope scope;
  private final TraceIndex index;
  private final BlockChains blocks;
  private final ReplayTotals totals;
  private final Latencies latencies;
  private final WriteWindow writes;
  private final Arena arena = Arena.ofConfined();
  private final MemorySegment expected;

  /** Uses {@code client}, which stays the caller's and does not check payloads itself. */
  ReplayClient(
      KveikClient client,
      ReplayPlan plan,
      TraceIndex index,
      BlockChains blocks,
      ReplayTotals totals,
      Latencies latencies) {
    this.client = client;
    this.scope = plan.scope();
    this.index = index;
    this.blocks = blocks;
    this.totals = totals;
    this.latencies = latencies;
    this.writes = new WriteWindow(client, plan, totals, latencies);
    this.expected = arena.allocate(plan.blockBytes(), Long.BYTES);
  }

  /** Works through one request; its writes have ended when this returns. */
  void replay(TraceRequest request) throws InterruptedException {
    int[] chain = BlockChains.ofNodes(index.nodesOf(request));
    long[] tokens = new long[chain.length * BlockContent.TOKENS];
    for (int i = 0; i < chain.length; i++) {
      BlockContent.fillTokens(chain[i], tokens, i * BlockContent.TOKENS);
    }
    int restored = 0;
    if (chain.length > 0) {
      restored = readBack(chain, tokens, lookup(chain, tokens));
      write(chain, tokens, restored);
    }
    count(request, restored);
  }

  @Override
  public void close() {
    writes.close();
    arena.close();
  }

  private List<BlockRef> lookup(int[] chain, long[] tokens) {
    long startNanos = System.nanoTime();
    try {
      List<BlockRef> found = client.lookup(scope, tokens).blocks();
      if (found.size() <= chain.length) {
        return found;
      }
      totals.wrongBlocks.add(found.size() - chain.length);
      return found.subList(0, chain.length);
    } catch (KveikException e) {
      countOrThrow(e, totals.failedLookups);
      return List.of();
    } finally {
      latencies.recordSince(Operation.LOOKUP, startNanos);
    }
  }

  /** How many blocks from the first on were read back right. */
  private int readBack(int[] chain, long[] tokens, List<BlockRef> found) {
    if (found.isEmpty()) {
      return 0;
    }
    long mislabelledBefore = client.corruptBlocks();
    long startNanos = System.nanoTime();
    Comparison comparison = new Comparison(chain, tokens, startNanos);
    try {
      client.readAll(scope, found, comparison);
    } catch (KveikException e) {
      countOrThrow(e, totals.failedReads);
    }
    latencies.recordSince(Operation.READ_STREAM, startNanos);
    long mislabelled = client.corruptBlocks() - mislabelledBefore;
    totals.wrongBlocks.add(mislabelled);
    totals.readMisses.add(comparison.missing - mislabelled);
    return comparison.right;
  }

  private void write(int[] chain, long[] tokens, int from) throws InterruptedException {
    for (int i = from; i < chain.length; i++) {
      int first = i * BlockContent.TOKENS;
      writes.write(
          chain[i],
          blocks.label(chain[i]),
          blocks.parentLabel(chain[i]),
          Arrays.copyOfRange(tokens, first, first + BlockContent.TOKENS));
    }
    writes.awaitAll();
  }

  private void count(TraceRequest request, int restoredBlocks) {
    int hits = restoredBlocks / BlockChains.PER_ID;
    long restored = Math.min(request.inputTokens(), (long) restoredBlocks * BlockContent.TOKENS);
    totals.accesses.add(request.ids().length);
    totals.hits.add(hits);
    totals.tokensRestored.add(restored);
    totals.tokensComputed.add(request.inputTokens() - restored);
    if (hits > 0) {
      totals.requestsHit.increment();
    }
    totals.requests.increment();
  }

  private static void countOrThrow(KveikException failure, LongAdder counter) {
    if (!Failures.isLegal(failure)) {
      throw failure;
    }
    counter.increment();
  }

  /** Compares the blocks of one stream with what they have to be. */
  private final class Comparison implements BlockConsumer {
    private final int[] chain;
    private final long[] tokens;
    private long waitStartNanos;
    private boolean unbroken = true;
    private int right;
    private long missing;

    Comparison(int[] chain, long[] tokens, long startNanos) {
      this.chain = chain;
      this.tokens = tokens;
      this.waitStartNanos = startNanos;
    }

    @Override
    public void accept(int i, Optional<Block> block) {
      latencies.recordSince(Operation.READ_BLOCK, waitStartNanos);
      if (block.isEmpty()) {
        missing++;
      } else {
        totals.blocksRead.increment();
      }
      boolean rightHere = block.isPresent() && isRight(i, block.get());
      unbroken &= rightHere;
      if (unbroken) {
        right = i + 1;
      }
      waitStartNanos = System.nanoTime();
    }

    private boolean isRight(int i, Block block) {
      PayloadKind.RANDOM.fill(chain[i], expected);
      long wrongBytes = BlockCheck.wrongBytes(block, expected);
      boolean described =
          BlockCheck.describes(
              block.info(),
              blocks.label(chain[i]),
              blocks.parentLabel(chain[i]),
              tokens,
              i * BlockContent.TOKENS);
      if (wrongBytes == 0 && described) {
        return true;
      }
      totals.wrongBytes.add(wrongBytes);
      totals.wrongBlocks.increment();
      return false;
    }
  }
}
