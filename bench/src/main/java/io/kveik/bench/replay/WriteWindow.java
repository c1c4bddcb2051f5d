package io.kveik.bench.replay;

import io.kveik.bench.block.PayloadKind;
import io.kveik.bench.report.Latencies;
import io.kveik.bench.report.Operation;
import io.kveik.bench.run.Failures;
import io.kveik.bench.store.WriteOutcome;
import io.kveik.client.KveikException;
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
  /** Writes one block; any thread. */
  @FunctionalInterface
  interface Target {
    /** Returns when it is acknowledged. */
    WriteOutcome write(Prompt prompt, int index, MemorySegment payload);
  }

  private final Target target;
  private final ReplayTotals totals;
  private final Latencies latencies;
  private final int size;
  private final Arena arena = Arena.ofShared();
  private final BlockingQueue<MemorySegment> free;
  private final ExecutorService writers = Executors.newVirtualThreadPerTaskExecutor();
  private final AtomicReference<@Nullable RuntimeException> failure = new AtomicReference<>();

  WriteWindow(Target target, ReplayPlan plan, ReplayTotals totals, Latencies latencies) {
    this.target = target;
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
   * @throws RuntimeException when an earlier write failed for good: its failure
   */
  void write(Prompt prompt, int index) throws InterruptedException {
    MemorySegment payload = free.take();
    rethrowFailure();
    PayloadKind.RANDOM.fill(prompt.name(index).number(), payload);
    writers.execute(() -> {
      try {
        run(prompt, index, payload);
      } finally {
        free.add(payload);
      }
    });
  }

  /**
   * Waits until no write is in flight.
   *
   * @throws RuntimeException when one failed for good: its failure
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

  private void run(Prompt prompt, int index, MemorySegment payload) {
    long startNanos = System.nanoTime();
    try {
      totals.wrote(target.write(prompt, index, payload));
    } catch (KveikException e) {
      if (Failures.isLegal(e)) {
        totals.failedWrites.increment();
      } else {
        failure.compareAndSet(null, e);
      }
    } catch (IllegalStateException e) {
      failure.compareAndSet(null, e);
    }
    latencies.recordSince(Operation.WRITE, startNanos);
  }

  private void rethrowFailure() {
    RuntimeException failed = failure.get();
    if (failed != null) {
      throw failed;
    }
  }
}
