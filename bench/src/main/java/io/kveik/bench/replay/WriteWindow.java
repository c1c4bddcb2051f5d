package io.kveik.bench.replay;

import io.kveik.bench.block.PayloadKind;
import io.kveik.bench.report.Latencies;
import io.kveik.bench.report.Operation;
import io.kveik.bench.run.Failures;
import io.kveik.client.AckLevel;
import io.kveik.client.BlockScope;
import io.kveik.client.BlockWrite;
import io.kveik.client.KveikClient;
import io.kveik.client.KveikException;
import io.kveik.client.WriteResult;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * Writes blocks with a bounded number in flight: there are as many payload buffers as writes may be
 * under way, and a write that finds none free waits. Writes start in order; they may finish in
 * another. Used by one thread, which also makes and closes it.
 */
final class WriteWindow implements AutoCloseable {
  private final KveikClient client;
  private final BlockScope scope;
  private final AckLevel ack;
  private final ReplayTotals totals;
  private final Latencies latencies;
  private final int size;
  private final Arena arena = Arena.ofShared();
  private final BlockingQueue<MemorySegment> free;
  private final ExecutorService writers = Executors.newVirtualThreadPerTaskExecutor();
  private final AtomicReference<@Nullable KveikException> failure = new AtomicReference<>();

  WriteWindow(KveikClient client, ReplayPlan plan, ReplayTotals totals, Latencies latencies) {
    this.client = client;
    this.scope = plan.scope();
    this.ack = plan.ack();
    this.totals = totals;
    this.latencies = latencies;
    this.size = plan.writeWindow();
    this.free = new ArrayBlockingQueue<>(size);
    for (int i = 0; i < size; i++) {
      free.add(arena.allocate(plan.blockBytes(), Long.BYTES));
    }
  }

  /**
   * Starts one write, as soon as there is room in the window.
   *
   * @throws KveikException when an earlier write failed for good
   */
  void write(int block, long label, long parentLabel, long[] tokens) throws InterruptedException {
    MemorySegment payload = free.take();
    rethrowFailure();
    PayloadKind.RANDOM.fill(block, payload);
    BlockWrite write =
        BlockWrite.builder(label, parentLabel, tokens, payload).ackLevel(ack).build();
    writers.execute(() -> {
      try {
        run(write);
      } finally {
        free.add(payload);
      }
    });
  }

  /**
   * Waits until no write is in flight.
   *
   * @throws KveikException when one failed for good
   */
  void awaitAll() throws InterruptedException {
    MemorySegment[] all = new MemorySegment[size];
    for (int i = 0; i < size; i++) {
      all[i] = free.take();
    }
    free.addAll(Arrays.asList(all));
    rethrowFailure();
  }

  @Override
  public void close() {
    writers.close();
    arena.close();
  }

  private void run(BlockWrite write) {
    long startNanos = System.nanoTime();
    try {
      WriteResult result = client.write(scope, write);
      if (result.alreadyPresent()) {
        totals.alreadyPresent.increment();
      }
      if (result.ackLevel().compareTo(ack) < 0) {
        totals.shortAcks.increment();
      }
      totals.blocksWritten.increment();
    } catch (KveikException e) {
      if (Failures.isLegal(e)) {
        totals.failedWrites.increment();
      } else {
        failure.compareAndSet(null, e);
      }
    }
    latencies.recordSince(Operation.WRITE, startNanos);
  }

  private void rethrowFailure() {
    KveikException failed = failure.get();
    if (failed != null) {
      throw failed;
    }
  }
}
