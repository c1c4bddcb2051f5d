package io.kveik.bench.replay;

import io.kveik.bench.block.BlockChains;
import io.kveik.bench.block.BlockContent;
import io.kveik.bench.report.Latencies;
import io.kveik.bench.report.Operation;
import io.kveik.bench.run.Failures;
import io.kveik.bench.trace.TraceIndex;
import io.kveik.bench.trace.TraceRequest;
import io.kveik.client.KveikException;
import io.kveik.server.block.TurnEnd;
import java.util.concurrent.atomic.LongAdder;

/**
 * Does what an engine does with one request after the other: looks its prompt up, reads the blocks
 * that were found, writes the others, and tells why the turn ended. What it reads it compares byte
 * by byte. Made and used by one thread.
 */
final class ReplayClient {
  private static final ReplayStore.Prefix NOTHING =
      new ReplayStore.Prefix() {
        @Override
        public int blocks() {
          return 0;
        }

        @Override
        public void read(int count, ReplayStore.Reader reader) {}
      };

  private final ReplayStore store;
  private final TraceIndex index;
  private final BlockChains blocks;
  private final ReplayTotals totals;
  private final Latencies latencies;

  /** Uses {@code store}, which stays the caller's. */
  ReplayClient(
      ReplayStore store,
      TraceIndex index,
      BlockChains blocks,
      ReplayTotals totals,
      Latencies latencies) {
    this.store = store;
    this.index = index;
    this.blocks = blocks;
    this.totals = totals;
    this.latencies = latencies;
  }

  /** Works through one request; its writes have ended when this returns. */
  void replay(TraceRequest request) throws InterruptedException {
    Prompt prompt = new Prompt(blocks, BlockChains.ofNodes(index.nodesOf(request)));
    int restored = 0;
    if (prompt.length() > 0) {
      restored = readBack(prompt, lookup(prompt));
      store.write(prompt, restored);
      tellEnd(prompt, request.end());
    }
    count(request, restored);
  }

  private ReplayStore.Prefix lookup(Prompt prompt) {
    long startNanos = System.nanoTime();
    try {
      return store.lookup(prompt);
    } catch (KveikException e) {
      countOrThrow(e, totals.failedLookups);
      return NOTHING;
    } finally {
      latencies.recordSince(Operation.LOOKUP, startNanos);
    }
  }

  /** How many blocks from the first on were read back right. */
  private int readBack(Prompt prompt, ReplayStore.Prefix found) {
    int count = Math.min(found.blocks(), prompt.length());
    totals.wrongBlocks.add(found.blocks() - count);
    if (count == 0) {
      return 0;
    }
    long startNanos = System.nanoTime();
    Comparison comparison = new Comparison(startNanos);
    try {
      found.read(count, comparison);
    } catch (KveikException e) {
      countOrThrow(e, totals.failedReads);
    }
    latencies.recordSince(Operation.READ_STREAM, startNanos);
    return comparison.right;
  }

  private void tellEnd(Prompt prompt, TurnEnd end) {
    if (end == TurnEnd.UNKNOWN) {
      return;
    }
    try {
      store.turnEnded(prompt, end);
    } catch (KveikException e) {
      countOrThrow(e, totals.failedHints);
    }
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

  /** Counts what the blocks of one prompt turn out to be. */
  private final class Comparison implements ReplayStore.Reader {
    private long waitStartNanos;
    private boolean unbroken = true;
    private int right;

    Comparison(long startNanos) {
      this.waitStartNanos = startNanos;
    }

    @Override
    public void accept(int i, ReplayStore.BlockRead read) {
      latencies.recordSince(Operation.READ_BLOCK, waitStartNanos);
      switch (read) {
        case ReplayStore.BlockRead.Missing _ -> totals.readMisses.increment();
        case ReplayStore.BlockRead.Right _ -> totals.blocksRead.increment();
        case ReplayStore.BlockRead.Wrong(long bytes) -> {
          totals.blocksRead.increment();
          totals.wrongBlocks.increment();
          totals.wrongBytes.add(bytes);
        }
      }
      unbroken &= read instanceof ReplayStore.BlockRead.Right;
      if (unbroken) {
        right = i + 1;
      }
      waitStartNanos = System.nanoTime();
    }
  }
}
